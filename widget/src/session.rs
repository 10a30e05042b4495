//! The session token, and how to get another one.

use std::{cell::RefCell, fmt, future::Future, rc::Rc};

use js_sys::{Array, Function, Object, Promise};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, future_to_promise};

use crate::ApiError;

/// How long the host may take for a token, in milliseconds.
const HOST_TIMEOUT_MS: i32 = 30_000;

/// Asks the host for a new session token.
#[derive(Clone)]
pub struct TokenSource(Rc<dyn Fn() -> Promise>);

impl TokenSource {
    /// From an async function. A host that has no token answers with an error.
    pub fn new<F, R>(ask: F) -> Self
    where
        F: Fn() -> R + 'static,
        R: Future<Output = Result<String, JsValue>> + 'static,
    {
        Self(Rc::new(move || {
            let answer = ask();
            future_to_promise(async move { answer.await.map(JsValue::from) })
        }))
    }

    /// From a JavaScript function that returns a string or a promise of one.
    pub fn from_function(function: Function) -> Self {
        Self(Rc::new(move || match function.call0(&JsValue::UNDEFINED) {
            Ok(answer) => Promise::resolve(&answer),
            Err(error) => Promise::reject(&error),
        }))
    }
}

impl PartialEq for TokenSource {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenSource")
    }
}

/// A session, shared by all requests of one widget. Its `Debug` output does not hold the token.
#[derive(Clone, Default)]
pub struct Session(Rc<Shared>);

#[derive(Default)]
struct Shared {
    token: RefCell<Option<Rc<str>>>,
    source: RefCell<Option<TokenSource>>,
    /// The question that is under way: however many requests are refused at once, the host is asked once.
    pending: RefCell<Option<Promise>>,
}

impl Session {
    /// A session with a token, a way to get one, or both.
    pub fn new(token: Option<&str>, source: Option<TokenSource>) -> Self {
        let session = Self::default();
        session.set_token(token);
        session.set_source(source);
        session
    }

    /// Puts another token in the place of the present one. A text that cannot stand in a header is no token.
    pub fn set_token(&self, token: Option<&str>) {
        *self.0.token.borrow_mut() = token.filter(|token| is_token(token)).map(Rc::from);
    }

    /// Says how to get another token.
    pub fn set_source(&self, source: Option<TokenSource>) {
        *self.0.source.borrow_mut() = source;
    }

    /// Whether there is a token or a way to get one.
    pub fn is_possible(&self) -> bool {
        self.token().is_some() || self.is_renewable()
    }

    pub(crate) fn token(&self) -> Option<Rc<str>> {
        self.0.token.borrow().clone()
    }

    /// Gets another token than `refused`; does not ask when there is one already. A host that gives none leaves an
    /// expired session expired; without a token before, there was nothing yet to expire.
    pub(crate) async fn renew(&self, refused: Option<&str>) -> Result<(), ApiError> {
        if self.has_other_than(refused) {
            return Ok(());
        }
        let Some(question) = self.ask() else {
            return Err(ApiError::SessionExpired);
        };
        let answer = JsFuture::from(question.clone()).await;
        let is_first = match &*self.0.pending.borrow() {
            Some(pending) => Object::is(pending, &question),
            None => false,
        };
        if is_first {
            *self.0.pending.borrow_mut() = None;
            if let Some(token) = answer.ok().and_then(|answer| answer.as_string()) {
                self.set_token(Some(&token));
            }
        }
        if self.has_other_than(refused) {
            Ok(())
        } else if refused.is_none() {
            Err(ApiError::Unreachable)
        } else {
            Err(ApiError::SessionExpired)
        }
    }

    /// Whether the host can be asked for another token.
    pub(crate) fn is_renewable(&self) -> bool {
        self.0.source.borrow().is_some()
    }

    fn has_other_than(&self, refused: Option<&str>) -> bool {
        let token = self.token();
        token.is_some() && token.as_deref() != refused
    }

    fn ask(&self) -> Option<Promise> {
        if let Some(pending) = &*self.0.pending.borrow() {
            return Some(pending.clone());
        }
        // The host's function may call back into the widget: nothing is borrowed while it runs.
        let source = self.0.source.borrow().clone()?;
        let question = Promise::race(&Array::of2(&(source.0)(), &time_is_up()));
        *self.0.pending.borrow_mut() = Some(question.clone());
        Some(question)
    }
}

impl PartialEq for Session {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Session")
    }
}

/// A promise that is rejected when the host has had its time.
fn time_is_up() -> Promise {
    Promise::new(&mut |_, reject| {
        let _ = web_sys::window().map(|window| {
            window.set_timeout_with_callback_and_timeout_and_arguments_0(&reject, HOST_TIMEOUT_MS)
        });
    })
}

/// Whether a text can follow `Bearer ` in a header: visible ASCII (RFC 6750 allows even less).
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_kept() {
        let session = Session::new(Some("a.b"), None);
        assert_eq!(session.token().as_deref(), Some("a.b"));
        assert!(session.is_possible());
    }

    #[test]
    fn a_text_that_cannot_stand_in_a_header_is_no_token() {
        for text in ["", "a b", "a\r\nX-Evil: 1", "tökén", "a\0"] {
            let session = Session::new(Some(text), None);
            assert_eq!(session.token(), None, "{text:?}");
            assert!(!session.is_possible());
        }
    }

    #[test]
    fn its_debug_output_holds_no_token() {
        assert_eq!(
            format!("{:?}", Session::new(Some("secret"), None)),
            "Session"
        );
    }
}
