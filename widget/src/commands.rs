//! What a host tells the widget.

use std::{cell::RefCell, fmt, rc::Rc};

use yew::Callback;

/// What a host can ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// To follow a connection's sync, by its id.
    Subscribe(String),
    /// To stop that.
    Unsubscribe(String),
    /// To load the list again.
    Refresh,
}

/// A way for a host to tell a [`ConnectWidget`](crate::ConnectWidget) something. What it says before the widget is
/// mounted is done then.
#[derive(Clone, Default)]
pub struct Commands(Rc<RefCell<State>>);

#[derive(Default)]
struct State {
    receiver: Option<Callback<Command>>,
    waiting: Vec<Command>,
}

impl Commands {
    /// Follows a connection's sync at once, such as of a connection that was created just now, and loads the list.
    pub fn subscribe(&self, connection_id: &str) {
        self.send(Command::Subscribe(connection_id.into()));
    }

    /// Stops to follow a connection's sync.
    pub fn unsubscribe(&self, connection_id: &str) {
        self.send(Command::Unsubscribe(connection_id.into()));
    }

    /// Loads the list again.
    pub fn refresh(&self) {
        self.send(Command::Refresh);
    }

    fn send(&self, command: Command) {
        let receiver = self.0.borrow().receiver.clone();
        match receiver {
            Some(receiver) => receiver.emit(command),
            None => self.0.borrow_mut().waiting.push(command),
        }
    }

    pub(crate) fn connect(&self, receiver: Callback<Command>) {
        let waiting = std::mem::take(&mut self.0.borrow_mut().waiting);
        for command in waiting {
            receiver.emit(command);
        }
        self.0.borrow_mut().receiver = Some(receiver);
    }

    pub(crate) fn disconnect(&self) {
        self.0.borrow_mut().receiver = None;
    }
}

impl PartialEq for Commands {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for Commands {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Commands")
    }
}
