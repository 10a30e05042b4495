//! What is read again without a restart: on `SIGHUP`.

use std::{fs, io, path::PathBuf};

use tracing::{error, info};

use crate::{
    auth::{
        ApiKeys, Keyring,
        token::{KeyringError, SHORT_SECRET_BYTES},
    },
    transport::Certificate,
};

/// A file with one secret a line, and the secrets that the flags give.
#[derive(Clone, Default)]
pub struct SecretFile {
    path: Option<PathBuf>,
    given: Vec<String>,
}

/// Why secrets cannot be used. Says where, never what stood there.
#[derive(Debug, thiserror::Error)]
pub enum SecretsError {
    /// The file cannot be read, or is no text.
    #[error("{path} cannot be read: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// No secret, or a bad one.
    #[error(transparent)]
    Secret(#[from] KeyringError),
    /// The file of API keys has none.
    #[error("{0} holds no key")]
    NoKey(PathBuf),
}

impl SecretFile {
    /// The file's secrets go before those that are given.
    pub fn new(path: Option<PathBuf>, given: Vec<String>) -> Self {
        Self { path, given }
    }

    /// All secrets as they are now.
    fn read(&self) -> Result<Vec<String>, SecretsError> {
        let Some(path) = &self.path else {
            return Ok(self.given.clone());
        };
        let text = fs::read_to_string(path).map_err(|source| SecretsError::Unreadable {
            path: path.clone(),
            source,
        })?;
        let lines = text.lines().filter(|line| !line.is_empty());
        let mut secrets: Vec<String> = lines.map(str::to_owned).collect();
        if secrets.is_empty() {
            return Err(SecretsError::NoKey(path.clone()));
        }
        secrets.extend_from_slice(&self.given);
        Ok(secrets)
    }

    /// As secrets of session tokens.
    pub fn keyring(&self) -> Result<Keyring, SecretsError> {
        let secrets = self.read()?;
        if secrets
            .iter()
            .any(|secret| secret.len() < SHORT_SECRET_BYTES)
        {
            tracing::warn!(
                "a session secret has less than {SHORT_SECRET_BYTES} bytes: it can be guessed from a token"
            );
        }
        Ok(Keyring::new(&secrets)?)
    }

    /// As API keys.
    pub fn api_keys(&self) -> Result<ApiKeys, SecretsError> {
        Ok(ApiKeys::new(&self.read()?))
    }
}

/// Reads again. What cannot be used changes nothing.
pub struct Reloader {
    /// Secrets of session tokens: where they come from, and where they are used.
    pub secrets: (SecretFile, Keyring),
    /// API keys, likewise.
    pub api_keys: (SecretFile, ApiKeys),
    /// The certificate, where there is one.
    pub certificate: Option<Certificate>,
}

impl Reloader {
    /// Reads everything again, and logs how it went.
    pub fn reload(&self) {
        let (file, keyring) = &self.secrets;
        let read = file.keyring().map(|new| keyring.replace(&new));
        match read {
            Ok(()) => info!("session secrets were read again"),
            Err(error) => error!(%error, "session secrets stay as they were"),
        }
        let (file, keys) = &self.api_keys;
        let read = file.api_keys().map(|new| keys.replace(&new));
        match read {
            Ok(()) => info!("API keys were read again"),
            Err(error) => error!(%error, "API keys stay as they were"),
        }
        match self.certificate.as_ref().map(Certificate::read_again) {
            None => {}
            Some(Ok(())) => info!("the certificate was read again"),
            Some(Err(error)) => error!(%error, "the certificate stays as it was"),
        }
    }
}
