//! Blobs in a bucket.

use std::fmt;

use futures_util::TryStreamExt;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::path::Path;
use object_store::{GetOptions, GetRange, MultipartUpload, ObjectStore, ObjectStoreExt, PutPayload};
use tokio::io::AsyncRead;
use tokio_util::io::StreamReader;
use zeroize::Zeroizing;

use super::{BlobError, BlobReader, CHUNK, Pump, Written};

/// What is sent at once, and in memory: S3 takes nothing below 5 MiB and no
/// more than 10,000 parts.
const PART: usize = 8 * 1024 * 1024;

/// A bucket and how to reach it.
#[derive(Clone)]
pub struct S3Settings {
    /// The bucket.
    pub bucket: String,
    /// What keys begin with.
    pub prefix: String,
    /// Region; `us-east-1` for servers that know none.
    pub region: String,
    /// Where it is, when it is not Amazon's.
    pub endpoint: Option<String>,
    /// Key id.
    pub access_key: String,
    /// Key.
    pub secret_key: Zeroizing<String>,
}

impl fmt::Debug for S3Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("S3Settings")
            .field("bucket", &self.bucket)
            .field("endpoint", &self.endpoint)
            .finish_non_exhaustive()
    }
}

#[derive(Debug)]
pub(super) struct Bucket {
    store: AmazonS3,
    prefix: String,
}

impl Bucket {
    pub(super) fn open(settings: &S3Settings) -> Result<Self, BlobError> {
        // Whoever installs it first wins, and it is ring everywhere.
        drop(rustls::crypto::ring::default_provider().install_default());
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&settings.bucket)
            .with_region(&settings.region)
            .with_access_key_id(&settings.access_key)
            .with_secret_access_key(settings.secret_key.as_str())
            // Blobs go one by one, and not every server knows the other way.
            .with_disable_bulk_delete(true);
        if let Some(endpoint) = &settings.endpoint {
            builder = builder.with_endpoint(endpoint).with_allow_http(endpoint.starts_with("http://"));
        }
        let store = builder.build().map_err(BlobError::storage)?;
        Ok(Self { store, prefix: settings.prefix.trim_matches('/').to_owned() })
    }

    fn path(&self, key: &str) -> Path {
        Path::from(format!("{}/{key}", self.prefix))
    }

    /// Small blobs in one request, larger ones in parts, one after the other.
    pub(super) async fn put(
        &self,
        key: &str,
        from: &mut (dyn AsyncRead + Send + Unpin),
        most: u64,
    ) -> Result<Written, BlobError> {
        let path = self.path(key);
        let mut upload = None;
        let mut pump = Pump::new(from, most);
        let done = match self.parts(&path, &mut pump, &mut upload).await {
            Ok(rest) => match &mut upload {
                None => self.store.put(&path, rest).await.map(drop).map_err(BlobError::storage),
                Some(upload) => finish(&mut **upload, rest).await,
            },
            Err(error) => Err(error),
        };
        if done.is_err()
            && let Some(upload) = &mut upload
            && let Err(left) = upload.abort().await
        {
            // Parts cost money until they are given up.
            tracing::warn!(error = %left, "parts of an upload stay in the bucket until its lifecycle rule removes them");
        }
        done.map(|()| pump.written())
    }

    /// Sends whole parts; what is left is given back.
    async fn parts(
        &self,
        path: &Path,
        pump: &mut Pump<'_>,
        upload: &mut Option<Box<dyn MultipartUpload>>,
    ) -> Result<PutPayload, BlobError> {
        let mut part = Vec::with_capacity(CHUNK);
        while let Some(piece) = pump.next().await? {
            part.extend_from_slice(piece);
            if part.len() >= PART {
                if upload.is_none() {
                    *upload = Some(self.store.put_multipart(path).await.map_err(BlobError::storage)?);
                }
                if let Some(upload) = upload {
                    let part = PutPayload::from(std::mem::take(&mut part));
                    upload.put_part(part).await.map_err(BlobError::storage)?;
                }
            }
        }
        Ok(PutPayload::from(part))
    }

    pub(super) async fn read(&self, key: &str, start: u64, end: u64) -> Result<BlobReader, BlobError> {
        if end <= start {
            return Ok(Box::pin(tokio::io::empty()));
        }
        let range = match (start, end) {
            (0, u64::MAX) => None,
            (start, u64::MAX) => Some(GetRange::Offset(start)),
            (start, end) => Some(GetRange::Bounded(start..end)),
        };
        let options = GetOptions { range, ..GetOptions::default() };
        let found = self.store.get_opts(&self.path(key), options).await.map_err(|error| match error {
            object_store::Error::NotFound { .. } => BlobError::Missing(key.to_owned()),
            other => BlobError::storage(other),
        })?;
        Ok(Box::pin(StreamReader::new(found.into_stream().map_err(std::io::Error::other))))
    }

    pub(super) async fn delete(&self, key: &str) -> Result<(), BlobError> {
        match self.store.delete(&self.path(key)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(BlobError::storage(error)),
        }
    }
}

async fn finish(upload: &mut dyn MultipartUpload, rest: PutPayload) -> Result<(), BlobError> {
    if rest.content_length() > 0 {
        upload.put_part(rest).await.map_err(BlobError::storage)?;
    }
    upload.complete().await.map(drop).map_err(BlobError::storage)
}
