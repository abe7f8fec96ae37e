//! Measures what a sandbox costs: `sandbox-scale [accounts] [companions]
//! [messages per second] [seconds] [one-time keys]`.
//!
//! The sandbox runs in a process of its own, so that its memory and its time are
//! not those of the clients that load it.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for people")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::Duration;

use sparkbot_sandbox::load::{Crowd, Load};
use sparkbot_sandbox::{Sandbox, SandboxConfig};

type Failure = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done =
        if arguments.first().is_some_and(|first| first == "serve") { serve().await } else { measure(&arguments).await };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// The sandbox itself, until its standard input ends.
async fn serve() -> Result<(), Failure> {
    let sandbox = Sandbox::start(SandboxConfig { seed: Some(1), ..SandboxConfig::default() }).await?;
    println!("{} {}", sandbox.socket_url(), sandbox.control_url());
    std::io::stdout().flush()?;
    tokio::task::spawn_blocking(|| std::io::stdin().lock().read_line(&mut String::new())).await??;
    sandbox.shutdown().await;
    Ok(())
}

/// A sandbox in a process of its own; it ends with its standard input.
struct Served(Child);

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        drop(self.0.wait());
    }
}

async fn measure(arguments: &[String]) -> Result<(), Failure> {
    let number = |at: usize, default: u32| arguments.get(at).map_or(Ok(default), |text| text.parse::<u32>());
    let load = Load {
        accounts: number(0, 2_000)?,
        companions: u16::try_from(number(1, 2)?)?,
        rate: number(2, 1_000)?,
        lasting: Duration::from_secs(number(3, 30)?.into()),
        prekeys: usize::try_from(number(4, 812)?)?,
        at_once: 64,
    };
    let child =
        Command::new(std::env::current_exe()?).arg("serve").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let mut served = Served(child);
    let mut line = String::new();
    BufReader::new(served.0.stdout.take().ok_or("no output")?).read_line(&mut line)?;
    let (socket, control) = line.trim().split_once(' ').ok_or("the sandbox does not say where it is")?;
    let pid = served.0.id();
    println!("{:<44}{:>12}", "memory of an empty sandbox, MiB", resident(pid, "VmRSS")? / 1024);
    let crowd = Crowd::link(socket, control, load).await?;
    println!("{:<44}{:>12}", format!("memory with {} accounts, MiB", load.accounts), resident(pid, "VmRSS")? / 1024);
    let before = busy(pid)?;
    let measured = crowd.send().await?;
    let used = busy(pid)? - before;
    let seconds = measured.sending.as_secs_f64();
    for (what, value) in [
        ("companions connected", measured.connected as f64),
        ("linking them all, s", measured.linking.as_secs_f64()),
        ("messages sent", measured.sent as f64),
        ("messages acknowledged", measured.acknowledged as f64),
        ("acknowledged per second", measured.acknowledged as f64 / seconds),
        ("copies received and decrypted", measured.received as f64),
        ("copies that could not be decrypted", measured.undecryptable as f64),
        ("connections lost", measured.lost as f64),
        ("ack, half were faster, ms", measured.median_ack_ms),
        ("ack, 99 of 100 were faster, ms", measured.slow_ack_ms),
        ("processor of the sandbox, cores", used / seconds),
        ("memory of the sandbox, MiB", resident(pid, "VmRSS")? as f64 / 1024.0),
        ("its highest, MiB", resident(pid, "VmHWM")? as f64 / 1024.0),
    ] {
        println!("{what:<44}{value:>12.1}");
    }
    Ok(())
}

/// A field of `/proc/PID/status` in KiB.
fn resident(pid: u32, field: &str) -> Result<u64, Failure> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':')).ok_or("no such field")?;
    Ok(line.trim().trim_end_matches("kB").trim().parse()?)
}

/// Seconds of processor time a process has used.
fn busy(pid: u32) -> Result<f64, Failure> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|ticks| ticks.parse::<f64>().ok()).ok_or("no times");
    // Linux counts in hundredths of a second.
    Ok((ticks(11)? + ticks(12)?) / 100.0)
}
