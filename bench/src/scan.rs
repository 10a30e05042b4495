//! Finds messages in what a client reads, wherever it was cut.

/// The member whose value is when the message was published.
const MEMBER: &[u8] = b"\"seq\":";

/// Where a client stands in its stream.
#[derive(Default)]
pub struct Scan {
    /// How much of the member's name was just read.
    matched: usize,
    number: u64,
}

impl Scan {
    /// Reads on; tells the number of each message.
    pub fn read(&mut self, bytes: &[u8], mut tell: impl FnMut(u64)) {
        for &byte in bytes {
            if self.matched < MEMBER.len() {
                let goes_on = MEMBER[self.matched] == byte;
                self.matched = if goes_on {
                    self.matched + 1
                } else {
                    usize::from(byte == MEMBER[0])
                };
            } else if byte.is_ascii_digit() {
                self.number = self.number * 10 + u64::from(byte - b'0');
            } else {
                tell(std::mem::take(&mut self.number));
                self.matched = 0;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_message_is_found_wherever_it_is_cut() {
        let text =
            b"id: x/17\ndata: {\"inserted\":1,\"seq\":17}\n\ndata: {\"seq\":18,\"kept\":2}\n\n";
        for cut in 0..text.len() {
            let (mut scan, mut found) = (Scan::default(), Vec::new());
            for part in [&text[..cut], &text[cut..]] {
                scan.read(part, |number| found.push(number));
            }
            assert_eq!(found, [17, 18], "cut at {cut}");
        }
    }
}
