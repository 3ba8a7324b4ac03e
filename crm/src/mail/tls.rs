//! TLS to the mail servers: the public authorities, and one's own where the configuration names it.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio_rustls::TlsConnector;

use super::MailError;

fn unreadable(file: &Path, why: impl std::fmt::Display) -> MailError {
    MailError::Settings(format!("ca_file {}: {why}; it must hold certificates in PEM", file.display()))
}

/// The text of one's own authority, if there is one.
pub fn own_authority(file: Option<&Path>) -> Result<Option<Vec<u8>>, MailError> {
    file.map(|file| std::fs::read(file).map_err(|e| unreadable(file, e))).transpose()
}

/// Connects by TLS as the client of `host`.
pub fn connector(file: Option<&Path>, host: &str) -> Result<(TlsConnector, ServerName<'static>), MailError> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let (Some(file), Some(pem)) = (file, own_authority(file)?) {
        for certificate in CertificateDer::pem_slice_iter(&pem) {
            let certificate = certificate.map_err(|e| unreadable(file, e))?;
            roots.add(certificate).map_err(|e| unreadable(file, e))?;
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| MailError::Settings(e.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(host.to_owned())
        .map_err(|_| MailError::Settings(format!("«{host}» is not a server's name")))?;
    Ok((TlsConnector::from(Arc::new(config)), name))
}
