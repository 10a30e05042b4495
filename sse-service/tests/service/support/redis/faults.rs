//! What may happen to a Redis.

use fred::{interfaces::ClientLike, types::CustomCommand};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use super::Redis;

impl Redis {
    /// Writes down all that it holds: it is there again when it is started the next time.
    pub async fn save(&self) {
        self.command("SAVE").await;
    }

    /// Forgets everything.
    pub async fn flush(&self) {
        self.command("FLUSHALL").await;
    }

    /// Stops it where it is, until [`thaw`](Self::thaw). Its connections stay open.
    pub fn freeze(&self) {
        self.signal(Signal::SIGSTOP);
    }

    pub fn thaw(&self) {
        self.signal(Signal::SIGCONT);
    }

    fn signal(&self, signal: Signal) {
        let process = self.process.as_ref().expect("it runs");
        let process = Pid::from_raw(i32::try_from(process.id()).unwrap());
        kill(process, signal).unwrap();
    }

    /// The channels that anybody is subscribed to.
    pub async fn channels(&self) -> Vec<String> {
        let client = self.client().await;
        let command = CustomCommand::new_static("PUBSUB", None, false);
        client.custom(command, vec!["CHANNELS"]).await.unwrap()
    }

    async fn command(&self, name: &'static str) {
        let command = CustomCommand::new_static(name, None, false);
        let () = self
            .client()
            .await
            .custom(command, Vec::<&str>::new())
            .await
            .unwrap();
    }
}
