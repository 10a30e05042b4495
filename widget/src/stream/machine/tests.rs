use super::*;

const NEWS: Input = Input::Received(Received::News);

fn refused(status: u16) -> Input {
    Input::Refused {
        status,
        retry_after: None,
    }
}

fn connected(heartbeat_seconds: Option<u64>) -> Input {
    Input::Received(Received::Connected { heartbeat_seconds })
}

/// A machine after these inputs, with the command that the last one gave. The jitter is always at its ceiling.
fn after(inputs: &[Input]) -> (Machine, Command) {
    let mut machine = Machine::new(true, true, true);
    let mut command = Command::Nothing;
    for input in inputs {
        command = machine.on(*input, 1.0);
    }
    (machine, command)
}

fn command_after(inputs: &[Input]) -> Command {
    after(inputs).1
}

#[test]
fn it_connects_at_once() {
    assert_eq!(command_after(&[Input::Started]), Command::Connect);
}

#[test]
fn it_is_live_while_the_stream_is_open() {
    let (machine, command) = after(&[Input::Started, Input::Opened]);
    assert_eq!(command, Command::Nothing);
    assert_eq!(machine.state(), StreamState::Live);
}

#[test]
fn a_lost_stream_is_reconnected_after_a_wait() {
    let lost = [Input::Started, Input::Opened, Input::Lost];
    let (mut machine, command) = after(&lost);
    assert_eq!(command, Command::Wait(2_000));
    assert_eq!(machine.state(), StreamState::Reconnecting { attempt: 1 });
    assert_eq!(machine.on(Input::Due, 1.0), Command::Connect);
    assert_eq!(machine.state(), StreamState::Reconnecting { attempt: 1 });
}

#[test]
fn opening_alone_does_not_reset_the_backoff_but_a_message_does() {
    let cycle = [Input::Opened, Input::Lost, Input::Due];
    let (mut machine, _) = after(&cycle.repeat(3));
    machine.on(Input::Opened, 1.0);
    assert_eq!(machine.on(Input::Lost, 1.0), Command::Wait(16_000));
    machine.on(Input::Due, 1.0);
    machine.on(Input::Opened, 1.0);
    machine.on(connected(None), 1.0);
    assert_eq!(machine.on(Input::Lost, 1.0), Command::Wait(2_000));
}

#[test]
fn trouble_at_the_service_does_not_reset_the_backoff() {
    let cycle = [
        Input::Opened,
        Input::Received(Received::Trouble),
        Input::Lost,
    ];
    assert_eq!(command_after(&cycle.repeat(3)), Command::Wait(8_000));
}

#[test]
fn server_errors_and_lost_networks_are_retried_for_ever() {
    for input in [refused(500), refused(502), refused(503), Input::Lost] {
        let (mut machine, _) = after(&[input, Input::Due].repeat(100));
        assert_eq!(machine.on(input, 1.0), Command::Wait(30_000), "{input:?}");
    }
}

#[test]
fn the_services_retry_is_the_base_of_the_backoff() {
    let mut machine = Machine::new(true, true, true);
    machine.set_retry(500);
    assert_eq!(machine.on(Input::Lost, 1.0), Command::Wait(500));
}

#[test]
fn retry_after_is_honoured() {
    for status in [408, 429, 503] {
        let mut machine = Machine::new(true, true, true);
        let refused = Input::Refused {
            status,
            retry_after: Some(7_000),
        };
        assert_eq!(machine.on(refused, 0.0), Command::Wait(7_000), "{status}");
    }
}

#[test]
fn other_client_errors_end_it() {
    for status in [400, 403, 405, 410, 422] {
        assert_eq!(
            command_after(&[Input::Started, refused(status)]),
            Command::End(StreamEnd::Refused { status })
        );
    }
}

#[test]
fn no_content_ends_it() {
    assert_eq!(
        command_after(&[Input::Started, refused(204)]),
        Command::End(StreamEnd::NothingMore)
    );
}

#[test]
fn a_job_that_is_not_there_yet_is_waited_for_and_not_for_ever() {
    let (mut machine, command) = after(&[refused(404), Input::Due]);
    assert_eq!(command, Command::Connect);
    assert_eq!(machine.state(), StreamState::Connecting);
    for _ in 1..MAX_NOT_FOUND {
        assert!(matches!(machine.on(refused(404), 1.0), Command::Wait(_)));
        machine.on(Input::Due, 1.0);
    }
    assert_eq!(
        machine.on(refused(404), 1.0),
        Command::End(StreamEnd::NoJob)
    );
}

#[test]
fn a_missing_job_after_a_lost_stream_starts_a_new_count() {
    let (mut machine, _) = after(&[Input::Lost, Input::Due, Input::Lost, Input::Due]);
    assert_eq!(machine.on(refused(404), 1.0), Command::Wait(2_000));
    assert_eq!(machine.state(), StreamState::Connecting);
}

#[test]
fn a_refused_token_is_renewed_once() {
    let (mut machine, command) = after(&[Input::Started, refused(401)]);
    assert_eq!(command, Command::Renew);
    assert_eq!(machine.on(Input::Renewed, 1.0), Command::Connect);
    assert_eq!(
        machine.on(refused(401), 1.0),
        Command::End(StreamEnd::SessionExpired)
    );
}

#[test]
fn a_token_that_has_worked_may_be_renewed_again() {
    let renewed = [refused(401), Input::Renewed, Input::Opened, NEWS];
    let (mut machine, _) = after(&renewed);
    let expired = Input::Received(Received::SessionExpired);
    assert_eq!(machine.on(expired, 1.0), Command::Renew);
}

#[test]
fn a_stream_that_expires_as_soon_as_it_is_open_is_not_renewed_in_a_loop() {
    let expired = Input::Received(Received::SessionExpired);
    let (mut machine, command) = after(&[Input::Opened, expired]);
    assert_eq!(command, Command::Renew);
    for input in [Input::Renewed, Input::Opened, connected(None)] {
        machine.on(input, 1.0);
    }
    assert_eq!(
        machine.on(expired, 1.0),
        Command::End(StreamEnd::SessionExpired)
    );
}

#[test]
fn a_host_without_another_token_ends_it() {
    assert_eq!(
        command_after(&[refused(401), Input::NotRenewed]),
        Command::End(StreamEnd::SessionExpired)
    );
}

#[test]
fn it_stops_after_a_terminal_message_whatever_comes_then() {
    let terminal = Input::Received(Received::Terminal);
    let (mut machine, command) = after(&[Input::Started, Input::Opened, terminal]);
    assert_eq!(command, Command::End(StreamEnd::Finished));
    for input in [
        Input::Lost,
        Input::Due,
        Input::Online,
        Input::Shown,
        refused(500),
    ] {
        assert_eq!(machine.on(input, 1.0), Command::Nothing, "{input:?}");
    }
}

#[test]
fn offline_it_waits_for_the_network_and_then_connects_at_once() {
    let (mut machine, command) = after(&[Input::Started, Input::Opened, Input::Offline]);
    assert_eq!(command, Command::Pause);
    assert_eq!(machine.state(), StreamState::Offline);
    assert_eq!(machine.on(Input::Due, 1.0), Command::Nothing);
    assert_eq!(machine.on(Input::Online, 1.0), Command::Connect);
}

#[test]
fn the_network_back_cuts_a_wait_short() {
    assert_eq!(
        command_after(&[Input::Lost, Input::Online]),
        Command::Connect
    );
}

#[test]
fn started_offline_it_waits() {
    let mut machine = Machine::new(false, true, true);
    assert_eq!(machine.on(Input::Started, 1.0), Command::Pause);
    assert_eq!(machine.on(Input::Online, 1.0), Command::Connect);
}

#[test]
fn a_renewal_that_ends_offline_waits_for_the_network() {
    let (mut machine, _) = after(&[refused(401), Input::Offline]);
    assert_eq!(machine.on(Input::Renewed, 1.0), Command::Pause);
    assert_eq!(machine.on(Input::Online, 1.0), Command::Connect);
}

#[test]
fn a_hidden_page_keeps_its_stream_but_does_not_reconnect_until_it_is_seen() {
    let (mut machine, command) = after(&[Input::Started, Input::Opened, Input::Hidden]);
    assert_eq!(command, Command::Nothing);
    machine.on(Input::Lost, 1.0);
    assert_eq!(machine.on(Input::Due, 1.0), Command::Pause);
    assert_eq!(machine.on(Input::Shown, 1.0), Command::Connect);
}

#[test]
fn a_page_that_nobody_has_seen_for_a_while_ends_its_stream_and_opens_another_when_it_is_seen() {
    let opened = [Input::Started, Input::Opened, Input::Hidden];
    let (mut machine, _) = after(&opened);
    assert_eq!(machine.on(Input::Unseen, 1.0), Command::Pause);
    assert_eq!(machine.state(), StreamState::Connecting);
    assert_eq!(machine.on(Input::Online, 1.0), Command::Nothing);
    assert_eq!(machine.on(Input::Shown, 1.0), Command::Connect);
}

#[test]
fn a_page_that_nobody_sees_waits_for_that_when_its_network_is_back() {
    let (mut machine, _) = after(&[Input::Started, Input::Offline, Input::Hidden]);
    machine.on(Input::Unseen, 1.0);
    assert_eq!(machine.state(), StreamState::Offline);
    assert_eq!(machine.on(Input::Online, 1.0), Command::Pause);
    assert_eq!(machine.on(Input::Shown, 1.0), Command::Connect);
}

#[test]
fn a_hidden_page_still_opens_its_first_stream() {
    let mut machine = Machine::new(true, false, true);
    assert_eq!(machine.on(Input::Started, 1.0), Command::Connect);
}

#[test]
fn a_stream_is_dead_after_one_and_a_half_heartbeats() {
    assert_eq!(after(&[]).0.patience_ms(), 45_000);
    assert_eq!(after(&[connected(Some(10))]).0.patience_ms(), 15_000);
    assert_eq!(after(&[connected(Some(0))]).0.patience_ms(), 1_500);
    assert_eq!(after(&[connected(Some(u64::MAX))]).0.patience_ms(), 45_000);
}

#[test]
fn a_stream_of_several_connections_does_not_wait_for_what_is_not_found() {
    let mut machine = Machine::new(true, true, false);
    machine.on(Input::Started, 1.0);
    let end = StreamEnd::Refused { status: 404 };
    assert_eq!(machine.on(refused(404), 1.0), Command::End(end));
}
