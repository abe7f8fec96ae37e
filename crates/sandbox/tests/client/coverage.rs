//! COVERAGE.md, held against the tests there are and the faults there are.

use std::fs;
use std::path::{Path, PathBuf};

const PAGE: &str = include_str!("../../COVERAGE.md");
const CONTROL: &str = include_str!("../../CONTROL.md");

fn crate_folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// What stands between backticks in tables.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    let rows = text.lines().filter(|line| line.starts_with('|'));
    rows.flat_map(|row| row.split('`').skip(1).step_by(2))
}

/// All text below a folder.
fn texts(folder: &Path) -> String {
    let mut all = String::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "py") {
            all += &fs::read_to_string(path).unwrap();
        }
    }
    all
}

#[test]
fn every_test_that_is_named_exists() {
    let interop = texts(&crate_folder().join("../../tests/interop"));
    let mut named = 0;
    for name in quoted(PAGE) {
        if let Some(step) = name.strip_prefix("interop: ") {
            assert!(interop.contains(&format!("\"{step}\"")), "there is no step {step:?} in tests/interop");
        } else if let Some((file, test)) = name.split_once("::") {
            let (kind, file) = file.split_once('/').unwrap();
            let folder = match kind {
                "client" => "tests/client",
                "whole" => "../../tests",
                "rules" => "src/tests",
                other => panic!("{other} is no kind of test"),
            };
            let path = crate_folder().join(folder).join(format!("{file}.rs"));
            let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            assert!(text.contains(&format!("fn {test}()")), "{} has no test {test}", path.display());
        } else {
            continue;
        }
        named += 1;
    }
    assert!(named > 100, "{named}");
}

#[test]
fn every_fault_has_a_test_and_is_described() {
    let kinds = fs::read_to_string(crate_folder().join("src/fault/kind.rs")).unwrap();
    let variants = kinds.split("pub(crate) enum Kind {").nth(1).unwrap().split("\n}\n").next().unwrap();
    let mut counted = 0;
    for variant in variants.lines().map(str::trim).filter(|line| !line.starts_with("///") && line.ends_with(',')) {
        let mut name = String::new();
        for letter in variant.trim_end_matches(',').chars() {
            if letter.is_uppercase() && !name.is_empty() {
                name.push('_');
            }
            name.push(letter.to_ascii_lowercase());
        }
        assert!(PAGE.contains(&format!("\n| `{name}` | `")), "no test lives through {name}");
        assert!(CONTROL.contains(&format!("`{name}`")), "CONTROL.md does not say what {name} does");
        counted += 1;
    }
    assert!(counted > 30, "{counted}");
}
