//! Workers' messages: what is read is shown as it was read, on one line, in bounds.

use sse_service::{decode, frame::Frame, ids::JobId};

pub fn run(message: &[u8]) {
    let _ = decode::end_only(message);
    let Ok(progress) = decode::progress(message) else {
        return;
    };
    let frame = Frame::new(JobId::random(), progress);
    assert!(!frame.json().contains(&b'\n') && !frame.json().contains(&b'\r'));
    assert!(!frame.id().contains(['\n', '\r', '\0']));
    // What was escaped once may be longer than what was sent; what is in bounds stays readable.
    if frame.json().len() <= decode::MAX_MESSAGE_BYTES {
        let again = decode::progress(&frame.json()).expect("our own message");
        assert_eq!(&again, frame.progress());
    }
}
