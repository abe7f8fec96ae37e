//! What has to be shipped.

use std::path::Path;
use std::process::Command;

use serde::{Deserialize, Serialize};

/// Sizes in KiB.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Sizes {
    /// The program that was measured.
    pub(crate) program_kib: u64,
    /// The container image; none when no tool for containers has it.
    pub(crate) image_kib: Option<u64>,
    /// Its name.
    pub(crate) image: String,
}

/// Of the program, and of the image if there is one.
pub(crate) fn of(program: &Path, image: &str) -> Sizes {
    let image_kib = ["docker", "podman", "buildah"].into_iter().find_map(|tool| size(tool, image));
    let program_kib = std::fs::metadata(program).map_or(0, |file| file.len() / 1024);
    Sizes { program_kib, image_kib, image: image.to_owned() }
}

fn size(tool: &str, image: &str) -> Option<u64> {
    let arguments: &[&str] = match tool {
        "buildah" => &["inspect", "--type", "image", "--format", "{{.Docker.Size}}", image],
        _ => &["image", "inspect", "--format", "{{.Size}}", image],
    };
    let output = Command::new(tool).args(arguments).output().ok().filter(|output| output.status.success())?;
    let bytes: u64 = String::from_utf8_lossy(&output.stdout).trim().parse().ok()?;
    Some(bytes / 1024).filter(|kib| *kib > 0)
}
