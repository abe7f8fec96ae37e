//! The command line.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Parser, Subcommand};

/// Measures a SparkBot server against the sandbox: memory, starts, messages, latencies, and what others need for the same
#[derive(Debug, Parser)]
#[command(name = "sparkbot-bench", version, args_conflicts_with_subcommands = true)]
pub(crate) struct Command {
    #[command(subcommand)]
    pub(crate) other: Option<Other>,
    #[command(flatten)]
    pub(crate) options: Options,
}

/// What it does besides measuring.
#[derive(Debug, Subcommand)]
pub(crate) enum Other {
    /// Shows what an earlier run has written with --json
    Render(Render),
}

/// Shows an earlier run again.
#[derive(Debug, Args)]
pub(crate) struct Render {
    /// What --json has written
    pub(crate) report: PathBuf,
    /// Markdown page whose parts between `<!-- bench:name -->` and `<!-- /bench -->` are written anew; the tables go to
    /// the terminal when absent
    #[arg(long, value_name = "FILE")]
    pub(crate) page: Option<PathBuf>,
    /// Draw the plots into this folder, as SVG
    #[arg(long, value_name = "DIR")]
    pub(crate) plots: Option<PathBuf>,
    /// An earlier report to stand beside it in the part `changes` of the page
    #[arg(long, value_name = "FILE")]
    pub(crate) before: Option<PathBuf>,
}

/// How to measure.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The server: a release build with the feature `sandbox` [default: sparkbot beside this program]
    #[arg(long, value_name = "FILE")]
    pub(crate) server: Option<PathBuf>,
    /// Smaller sizes, no rivals: under two minutes
    #[arg(long)]
    pub(crate) quick: bool,
    /// Measure only these: restarts, accept, send, receive, latency, groups, rivals, history, lists
    #[arg(long, value_name = "SERIES", value_delimiter = ',')]
    pub(crate) only: Vec<Part>,
    /// Numbers to link, smallest first; memory is measured at each [default: 1,100,200,500,1000,2000]
    #[arg(long, value_name = "COUNTS", value_delimiter = ',', value_parser = clap::value_parser!(u32).range(1..=5000))]
    pub(crate) numbers: Vec<u32>,
    /// Numbers to restart with [default: those of 200, 1000 and 2000 that are linked]
    #[arg(long, value_name = "COUNTS", value_delimiter = ',', value_parser = clap::value_parser!(u32).range(1..=5000))]
    pub(crate) restarts: Vec<u32>,
    /// Numbers that are linked at the same time
    #[arg(long, value_name = "COUNT", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=64))]
    pub(crate) at_once: u32,
    /// Messages of the largest round of each kind [default: 16000]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(8..=100_000))]
    pub(crate) messages: Option<u32>,
    /// Seconds at most that one round sends
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=600))]
    pub(crate) round_seconds: u32,
    /// Keep-alive connections that send them
    #[arg(long, value_name = "COUNT", default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=256))]
    pub(crate) connections: u32,
    /// Samples of each latency at idle [default: 200]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) samples: Option<u32>,
    /// Members of the groups that are sent to [default: 256,1024]
    #[arg(long, value_name = "COUNTS", value_delimiter = ',', value_parser = clap::value_parser!(u32).range(2..=1024))]
    pub(crate) groups: Vec<u32>,
    /// Folder of the rivals' drivers
    #[arg(long, value_name = "DIR", default_value = "bench/rivals")]
    pub(crate) rivals: PathBuf,
    /// How often each comparison with a rival is made [default: 5]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..=100))]
    pub(crate) runs: Option<u32>,
    /// Numbers between which idle memory is compared [default: 20,60]
    #[arg(long, value_name = "FEWER,MORE", value_delimiter = ',', num_args = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) rival_numbers: Vec<u32>,
    /// Messages of one run against a rival [default: 1000]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) rival_messages: Option<u32>,
    /// Active numbers, the chats of each, and the messages of each [default: 4,500,1000]
    #[arg(long, value_name = "NUMBERS,CHATS,MESSAGES", value_delimiter = ',', num_args = 1, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) active: Vec<u32>,
    /// Chats of a phone whose history is timed; 0 leaves history out
    #[arg(long, value_name = "COUNT", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=5000))]
    pub(crate) history_chats: u32,
    /// Messages in each of these chats
    #[arg(long, value_name = "COUNT", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) history_messages: u32,
    /// Inbox that scripts/scale.py has filled, as it was given with --folder; lists and searches are timed on it
    #[arg(long, value_name = "DIR")]
    pub(crate) filled: Option<PathBuf>,
    /// Container image whose size is told, when docker, podman or buildah has it
    #[arg(long, value_name = "NAME", default_value = "sparkbot")]
    pub(crate) image: String,
    /// Further argument of `sparkbot serve`, such as --serve-arg=--set --serve-arg=whatsapp.prekeys=50
    #[arg(long = "serve-arg", value_name = "ARGUMENT", allow_hyphen_values = true)]
    pub(crate) serve_args: Vec<String>,
    /// Folder for the database and the logs; must be empty or absent [default: a temporary one, removed at the end]
    #[arg(long, value_name = "DIR")]
    pub(crate) folder: Option<PathBuf>,
    /// Write everything measured to this file as JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Draw the plots into this folder, as SVG
    #[arg(long, value_name = "DIR")]
    pub(crate) plots: Option<PathBuf>,
    /// Exit with status 1 when a target is missed
    #[arg(long)]
    pub(crate) check: bool,
}

/// What can be measured besides memory, which every run needs numbers for anyway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Restarts,
    Accept,
    Send,
    Receive,
    Latency,
    Groups,
    Rivals,
    History,
    Lists,
}

impl FromStr for Part {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        Ok(match word {
            "restarts" => Self::Restarts,
            "accept" => Self::Accept,
            "send" => Self::Send,
            "receive" => Self::Receive,
            "latency" => Self::Latency,
            "groups" => Self::Groups,
            "rivals" => Self::Rivals,
            "history" => Self::History,
            "lists" => Self::Lists,
            _ => {
                return Err(format!(
                    "'{word}' is none of restarts, accept, send, receive, latency, groups, rivals, history, lists"
                ));
            }
        })
    }
}

impl Options {
    /// Whether this is to be measured.
    pub(crate) fn wants(&self, part: Part) -> bool {
        self.only.is_empty() || self.only.contains(&part)
    }

    /// At how many numbers memory is measured, in order.
    pub(crate) fn numbers(&self) -> Vec<u32> {
        let default: &[u32] = if self.quick { &[1, 20, 50, 100] } else { &[1, 100, 200, 500, 1000, 2000] };
        in_order(if self.numbers.is_empty() { default } else { &self.numbers })
    }

    /// With how many numbers the server is restarted, most first.
    pub(crate) fn restarts(&self) -> Vec<u32> {
        let numbers = self.numbers();
        let most = numbers.last().copied().unwrap_or(1);
        let default: Vec<u32> = numbers.into_iter().filter(|n| [200, 1000, 2000, most].contains(n)).collect();
        let mut restarts = in_order(if self.restarts.is_empty() { &default } else { &self.restarts });
        restarts.retain(|n| *n <= most);
        restarts.reverse();
        restarts
    }

    pub(crate) fn messages(&self) -> u32 {
        self.messages.unwrap_or(if self.quick { 4_000 } else { 16_000 })
    }

    pub(crate) fn samples(&self) -> u32 {
        self.samples.unwrap_or(if self.quick { 50 } else { 200 })
    }

    pub(crate) fn runs(&self) -> u32 {
        self.runs.unwrap_or(5)
    }

    /// The fewer and the more.
    pub(crate) fn rival_numbers(&self) -> (u32, u32) {
        let numbers = in_order(&self.rival_numbers);
        match numbers.as_slice() {
            [fewer, .., more] => (*fewer, *more),
            _ => (20, 60),
        }
    }

    pub(crate) fn rival_messages(&self) -> u32 {
        self.rival_messages.unwrap_or(1000)
    }

    /// Active numbers, the chats of each, and the messages of each.
    pub(crate) fn active(&self) -> (u32, u32, u32) {
        match self.active.as_slice() {
            [numbers, chats, messages] => (*numbers, *chats, *messages),
            _ => (4, 500, 1000),
        }
    }

    pub(crate) fn groups(&self) -> Vec<u32> {
        let default: &[u32] = if self.quick { &[64] } else { &[256, 1024] };
        in_order(if self.groups.is_empty() { default } else { &self.groups })
    }
}

fn in_order(counts: &[u32]) -> Vec<u32> {
    let mut counts = counts.to_vec();
    counts.sort_unstable();
    counts.dedup();
    counts
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::{Command, Part};

    fn options(arguments: &[&str]) -> super::Options {
        Command::try_parse_from([&["sparkbot-bench"], arguments].concat()).unwrap().options
    }

    #[test]
    fn restarts_are_with_numbers_that_are_linked() {
        assert_eq!(options(&[]).restarts(), [2000, 1000, 200]);
        assert_eq!(options(&["--quick"]).restarts(), [100]);
        assert_eq!(options(&["--numbers", "300,100,200"]).restarts(), [300, 200]);
        assert_eq!(options(&["--numbers", "50", "--restarts", "20,90"]).restarts(), [20]);
    }

    #[test]
    fn parts_are_chosen_by_their_names() {
        let some = options(&["--only", "send,latency"]);
        assert!(some.wants(Part::Send) && some.wants(Part::Latency) && !some.wants(Part::Rivals));
        assert!(options(&[]).wants(Part::Rivals));
        assert!(Command::try_parse_from(["sparkbot-bench", "--only", "sending"]).is_err());
    }
}
