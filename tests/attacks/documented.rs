//! docs/security.md and docs/limits.md name tests: each is there.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() && path.file_name().is_some_and(|name| name != "interop") {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

/// The module that a file is, below its root.
fn module(root: &Path, file: &Path) -> Vec<String> {
    let inside = file.strip_prefix(root).expect("a file of it").with_extension("");
    let parts = inside.components().map(|part| part.as_os_str().to_string_lossy().into_owned());
    parts.filter(|part| !matches!(part.as_str(), "mod" | "lib" | "main")).collect()
}

/// Every test there is, as `crate::module::name`.
fn tests(house: &Path) -> HashSet<String> {
    let mut roots = vec![("end_to_end".to_owned(), house.join("tests"))];
    for entry in std::fs::read_dir(house.join("crates")).expect("crates").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let name = if name == "sparkbot" { name } else { format!("sparkbot_{name}") };
        roots.push((name.clone(), entry.path().join("src")));
        roots.push((name, entry.path().join("tests")));
    }
    let mut all = HashSet::new();
    for (name, root) in roots {
        let mut files = Vec::new();
        sources(&root, &mut files);
        for file in files {
            let text = std::fs::read_to_string(&file).expect("a source");
            let mut place = vec![name.clone()];
            place.extend(module(&root, &file));
            let place = place.join("::");
            let mut lines = text.lines().map(str::trim);
            while let Some(line) = lines.next() {
                if !(line.starts_with("#[test]") || line.starts_with("#[tokio::test")) {
                    continue;
                }
                let named = lines.by_ref().find_map(|line| line.split_once("fn ").map(|(_, rest)| rest.to_owned()));
                let named = named.expect("a function after the attribute");
                let named = named.split('(').next().expect("its name").to_owned();
                all.insert(format!("{place}::{named}"));
                // Most stand in a module of their own at the end of the file.
                all.insert(format!("{place}::tests::{named}"));
            }
        }
    }
    all
}

#[test]
fn every_test_that_the_documents_name_is_there() {
    let house = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let tests = tests(&house);
    assert!(tests.contains("end_to_end::attacks::documented::every_test_that_the_documents_name_is_there"));
    let (mut named, mut missing) = (0, Vec::new());
    for page in ["docs/security.md", "docs/limits.md"] {
        let text = std::fs::read_to_string(house.join(page)).expect("the page");
        for quoted in text.split('`').skip(1).step_by(2) {
            let is_test = quoted.starts_with("end_to_end::") || quoted.starts_with("sparkbot");
            let plain = quoted.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == ':');
            if !is_test || !plain || !quoted.contains("::") {
                continue;
            }
            named += 1;
            if !tests.contains(quoted) {
                missing.push(format!("{page}: {quoted}"));
            }
        }
    }
    assert!(missing.is_empty(), "there is no such test:\n{}", missing.join("\n"));
    assert!(named > 60, "only {named} tests are named");
}
