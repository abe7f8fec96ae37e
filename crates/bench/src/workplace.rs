//! A sandbox and a server on a folder of their own.

use std::path::{Path, PathBuf};

use crate::failure::{Failure, Result};
use crate::http::{self, Api, Phones};
use crate::options::Options;
use crate::process::{self, Process};

/// A linked number.
#[derive(Debug, Clone)]
pub(crate) struct Number {
    pub(crate) id: String,
    pub(crate) phone: String,
}

/// How a server is ended before it is started again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// SIGTERM, and waiting for it.
    Asked,
    /// SIGKILL.
    Killed,
}

impl std::fmt::Display for Ending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Asked => "after SIGTERM",
            Self::Killed => "after kill -9",
        })
    }
}

/// Everything a measurement works with.
pub(crate) struct Workplace {
    folder: Folder,
    data: PathBuf,
    program: PathBuf,
    port: u16,
    serve_args: Vec<String>,
    http: reqwest::Client,
    pub(crate) sandbox: Process,
    pub(crate) server: Process,
    pub(crate) api: Api,
    pub(crate) phones: Phones,
    key: String,
}

impl Workplace {
    /// Starts both.
    pub(crate) async fn open(options: &Options, folder: Folder) -> Result<Self> {
        let program = process::program(options.server.as_ref())?;
        let http = http::client()?;
        let sandbox: Vec<String> =
            ["sandbox", "--socket", "127.0.0.1:0", "--control", "http://127.0.0.1:0", "--seed", "1", "--json"]
                .map(str::to_owned)
                .into();
        let sandbox = Process::start(&program, &sandbox, &folder.path.join("sandbox.log"), None).await?;
        let control = text(&sandbox, "control")?;
        let port = free_port()?;
        let serve_args = options.serve_args.clone();
        let phones = Phones::new(http.clone(), &control);
        let data = folder.path.join("data");
        let server = serve(&program, &data, port, &control, &serve_args, &http).await?;
        let key = text(&server, "key")?;
        let api = Api::new(http.clone(), &text(&server, "api")?, &key);
        Ok(Self { folder, data, program, port, serve_args, http, sandbox, server, api, phones, key })
    }

    /// Ends the server and starts it on the same folder; how long the end took.
    pub(crate) async fn restart(self, ending: Ending) -> Result<(Self, std::time::Duration)> {
        let Self { folder, data, program, port, serve_args, http, sandbox, server, phones, key, .. } = self;
        let took = match ending {
            Ending::Asked => server.stop().await?,
            Ending::Killed => server.kill().await?,
        };
        let server = serve(&program, &data, port, &phones.control, &serve_args, &http).await?;
        let api = Api::new(http.clone(), &text(&server, "api")?, &key);
        Ok((Self { folder, data, program, port, serve_args, http, sandbox, server, api, phones, key }, took))
    }

    /// Ends the server and starts another one that has nothing yet, on the same sandbox.
    pub(crate) async fn afresh(self, name: &str) -> Result<Self> {
        let Self { folder, program, port, serve_args, http, sandbox, server, phones, .. } = self;
        server.stop().await?;
        let data = folder.path.join(name);
        let server = serve(&program, &data, port, &phones.control, &serve_args, &http).await?;
        let key = text(&server, "key")?;
        let api = Api::new(http.clone(), &text(&server, "api")?, &key);
        Ok(Self { folder, data, program, port, serve_args, http, sandbox, server, api, phones, key })
    }

    /// Another server at the same time, on data of its own whose key is known.
    pub(crate) async fn another(&self, data: &Path, key: &str) -> Result<(Process, Api)> {
        let server =
            serve(&self.program, data, free_port()?, &self.phones.control, &self.serve_args, &self.http).await?;
        let api = Api::new(self.http.clone(), &text(&server, "api")?, key);
        Ok((server, api))
    }

    /// A folder beside the server's.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.folder.path.join(name)
    }

    /// Why `what` failed, with the last error that the server has logged.
    pub(crate) fn explain(&self, what: &str, failure: &Failure) -> String {
        let log = std::fs::read_to_string(self.folder.path.join("server.log")).unwrap_or_default();
        match log.lines().rfind(|line| line.contains(" ERROR ")) {
            Some(error) => format!("{what}: {failure}\n  last error in the server's log: {error}"),
            None => format!("{what}: {failure}"),
        }
    }

    /// KiB on disk: database, key, blobs; without the database's log, which is
    /// written over again and again.
    pub(crate) fn data_kib(&self) -> u64 {
        size(&self.data) / 1024
    }

    /// The server's program.
    pub(crate) fn program(&self) -> &Path {
        &self.program
    }
}

async fn serve(
    program: &Path,
    data: &Path,
    port: u16,
    control: &str,
    further: &[String],
    http: &reqwest::Client,
) -> Result<Process> {
    let log = data.with_file_name("server.log");
    let data = data.display().to_string();
    // The same port each time, so that the first answer can be waited for
    // before the server tells where it is.
    let listen = format!("127.0.0.1:{port}");
    let mut arguments: Vec<String> =
        ["serve", "--json", "--data-dir", &data, "--listen", &listen, "--sandbox-url", control]
            .map(str::to_owned)
            .into();
    arguments.extend_from_slice(further);
    Process::start(program, &arguments, &log, Some((http, format!("http://{listen}/healthz")))).await
}

fn text(process: &Process, name: &str) -> Result<String> {
    process.ready[name].as_str().map(str::to_owned).ok_or_else(|| {
        Failure::new(format!("the process does not tell its '{name}' when it is ready: {}", process.ready))
    })
}

fn free_port() -> Result<u16> {
    std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|error| Failure::new(format!("no free port: {error}")))
}

/// Bytes of a file or of all in a folder, without a database's log.
pub(crate) fn size(path: &Path) -> u64 {
    if path.extension().is_some_and(|extension| extension == "db-wal" || extension == "db-shm") {
        return 0;
    }
    let Ok(entries) = std::fs::read_dir(path) else {
        return std::fs::metadata(path).map_or(0, |file| file.len());
    };
    entries.flatten().map(|entry| size(&entry.path())).sum()
}

/// A folder, removed at the end when it is a temporary one.
pub(crate) struct Folder {
    pub(crate) path: PathBuf,
    temporary: bool,
}

impl Folder {
    pub(crate) fn make(chosen: Option<&PathBuf>) -> Result<Self> {
        let (path, temporary) = match chosen {
            Some(path) => (path.clone(), false),
            None => (std::env::temp_dir().join(format!("sparkbot-bench-{}", std::process::id())), true),
        };
        let failed = |error: std::io::Error| Failure::new(format!("{}: {error}", path.display()));
        std::fs::create_dir_all(&path).map_err(failed)?;
        if std::fs::read_dir(&path).map_err(failed)?.next().is_some() {
            return Err(Failure::new(format!("{} is not empty", path.display())));
        }
        let path = path.canonicalize().map_err(failed)?;
        Ok(Self { path, temporary })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.temporary {
            // What can't be removed lies in the system's folder for such things.
            drop(std::fs::remove_dir_all(&self.path));
        }
    }
}
