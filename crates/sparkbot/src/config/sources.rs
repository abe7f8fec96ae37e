//! Where settings come from, and which source is at fault when one is wrong.
//!
//! Each source is read by itself first, so that an error names the file, the
//! variable or the flag; then they are laid over each other.

use std::path::{Path, PathBuf};

use figment::error::Kind;
use figment::providers::{Format, Serialized, Toml};
use figment::value::Value;
use figment::{Figment, Provider};
use serde::Serialize;

use super::Config;
use crate::cli::Global;
use crate::failure::{Failure, Result};

/// Variables with our prefix that are no settings: they belong to commands.
const NOT_SETTINGS: &[&str] = &["CONFIG", "MASTER_KEY", "API", "KEY", "KEY_FILE", "SANDBOX"];
const PREFIX: &str = "SPARKBOT_";

/// The settings, and where they came from.
#[derive(Debug)]
pub(crate) struct Loaded {
    /// The settings.
    pub(crate) config: Config,
    /// The file that was read, if any.
    pub(crate) file: Option<PathBuf>,
    /// What looks odd but stops nothing.
    pub(crate) warnings: Vec<String>,
}

/// Reads the settings for a command line.
///
/// # Errors
/// Naming the source and the setting at fault.
pub(crate) fn load(global: &Global, listen: Option<&str>) -> Result<Loaded> {
    let file = match &global.config {
        Some(path) if !path.is_file() => {
            return Err(Failure::usage(format!("the configuration file {} can't be read", path.display()))
                .hint("Check --config and SPARKBOT_CONFIG; sparkbot.example.toml is a start."));
        }
        Some(path) => Some(path.clone()),
        None => ["./sparkbot.toml", "/etc/sparkbot/sparkbot.toml"].iter().map(PathBuf::from).find(|p| p.is_file()),
    };
    let variables =
        std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    merge(file.as_deref(), variables, flags(global, listen)?)
}

/// A setting given by a flag: how it was written, its key, its value.
struct Flag {
    written: String,
    key: String,
    value: Value,
}

fn flags(global: &Global, listen: Option<&str>) -> Result<Vec<Flag>> {
    let named = [
        ("--listen", "listen", listen.map(str::to_owned)),
        ("--data-dir", "data_dir", global.data_dir.as_ref().map(|p| p.display().to_string())),
        ("--database", "database.url", global.database.clone()),
        ("--log-level", "log.level", global.log_level.clone()),
        ("--log-format", "log.format", global.log_format.clone()),
    ];
    let mut flags = Vec::new();
    for pair in &global.set {
        let (key, value) = pair.split_once('=').ok_or_else(|| {
            Failure::usage(format!("--set {pair}: write it as key=value, such as webhooks.timeout=5s"))
        })?;
        flags.push(Flag { written: format!("--set {key}"), key: key.trim().to_owned(), value: read_value(key, value) });
    }
    for (written, key, value) in named {
        if let Some(value) = value {
            flags.push(Flag { written: written.to_owned(), key: key.to_owned(), value: Value::from(value) });
        }
    }
    Ok(flags)
}

/// Lists and numbers are read as such; what is text stays text, also when it
/// looks like a number.
fn read_value(key: &str, text: &str) -> Value {
    const TEXT: &[&str] =
        &["data_dir", "node", "database.url", "whatsapp.device_name", "whatsapp.client_version", "master_key.file"];
    if TEXT.contains(&key.trim()) {
        return Value::from(text);
    }
    text.parse().unwrap_or_else(|_| Value::from(text))
}

fn merge(file: Option<&Path>, variables: impl Iterator<Item = (String, String)>, flags: Vec<Flag>) -> Result<Loaded> {
    let mut all = Figment::from(Serialized::defaults(Config::default()));
    let mut warnings = Vec::new();
    if let Some(path) = file {
        let toml = Toml::file_exact(path);
        try_alone(&toml, &path.display().to_string())?;
        all = all.merge(toml);
    }
    for (name, value) in variables {
        let Some(short) = name.strip_prefix(PREFIX) else { continue };
        if NOT_SETTINGS.contains(&short) || is_of_a_cluster(short) {
            continue;
        }
        let key = short.to_lowercase().replace("__", ".");
        let source = single(&key, read_value(&key, &value));
        match try_alone(&source, &name) {
            Ok(()) => all = all.merge(source),
            // A name of one word may be somebody else's; a typing mistake is ours.
            Err(failure) if !is_known(&key) && !short.contains("__") && nearest(&key).is_none() => {
                drop(failure);
                warnings.push(format!("the environment variable {name} is no setting and has no effect"));
            }
            Err(failure) => return Err(failure),
        }
    }
    for flag in flags {
        let source = single(&flag.key, flag.value);
        try_alone(&source, &flag.written)?;
        all = all.merge(source);
    }
    let config: Config = all.extract().map_err(|error| describe(error, "configuration"))?;
    config.check()?;
    Ok(Loaded { config, file: file.map(Path::to_path_buf), warnings })
}

/// Kubernetes sets such variables for every service called `sparkbot`.
fn is_of_a_cluster(short: &str) -> bool {
    short == "PORT" || short.starts_with("PORT_") || short.starts_with("SERVICE_")
}

fn single(key: &str, value: Value) -> impl Provider + use<> {
    Serialized::default(key, value)
}

fn try_alone<P: Provider>(source: &P, name: &str) -> Result<()> {
    Figment::from(Serialized::defaults(Config::default()))
        .merge(source)
        .extract::<Config>()
        .map(drop)
        .map_err(|error| describe(error, name))
}

fn describe(error: figment::Error, source: &str) -> Failure {
    // The first is enough: the others are found when this one is mended.
    let Some(first) = error.into_iter().next() else {
        return Failure::usage(format!("{source}: unreadable"));
    };
    let mut path = first.path.join(".");
    match first.kind {
        Kind::UnknownField(name, known) => {
            if path.rsplit('.').next() != Some(name.as_str()) {
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(&name);
            }
            let parent = path.rsplit_once('.').map_or("", |(parent, _)| parent);
            let names: Vec<_> = known
                .iter()
                .map(|name| if parent.is_empty() { (*name).to_owned() } else { format!("{parent}.{name}") })
                .collect();
            let failure = Failure::usage(format!("{source}: unknown key '{path}'"));
            match nearest(&path) {
                Some(near) => failure.hint(format!("Did you mean '{near}'?")),
                None => failure.hint(format!("There are {}; see sparkbot.example.toml.", names.join(", "))),
            }
        }
        Kind::InvalidType(found, wanted) => {
            Failure::usage(format!("{source}: '{path}' is {found}, wanted is {wanted}"))
        }
        Kind::InvalidValue(found, wanted) => {
            Failure::usage(format!("{source}: '{path}' is {found}, wanted is {wanted}"))
        }
        Kind::UnknownVariant(found, known) => {
            Failure::usage(format!("{source}: '{path}' is '{found}', which it can't be"))
                .hint(format!("It can be {}.", known.join(", ")))
        }
        kind if path.is_empty() => Failure::usage(format!("{source}: {kind}")),
        kind => Failure::usage(format!("{source}: '{path}': {kind}")),
    }
}

/// Every key, as `section.name`.
fn keys() -> Vec<String> {
    fn walk(prefix: &str, value: &serde_json::Value, keys: &mut Vec<String>) {
        let Some(map) = value.as_object() else { return };
        for (name, value) in map {
            let key = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
            walk(&key, value, keys);
            keys.push(key);
        }
    }
    // Those without a default are not in the serialised form.
    let mut keys: Vec<String> = [
        "database.url",
        "master_key.file",
        "files.folder",
        "s3.bucket",
        "s3.endpoint",
        "s3.access_key",
        "s3.secret_key",
        "whatsapp.client_version",
    ]
    .iter()
    .map(|&key| key.to_owned())
    .collect();
    walk("", &as_json(&Config::default()), &mut keys);
    keys
}

fn as_json(value: &impl Serialize) -> serde_json::Value {
    serde_json::to_value(value).unwrap_or_default()
}

fn is_known(key: &str) -> bool {
    keys().iter().any(|known| known == key)
}

/// A key that is only a typing mistake away.
fn nearest(key: &str) -> Option<String> {
    keys()
        .into_iter()
        .map(|known| (strsim::damerau_levenshtein(key, &known), known))
        .filter(|(distance, _)| *distance <= 2)
        .min()
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Flag, Loaded, keys, merge, read_value};
    use crate::failure::Result;

    fn load(toml: Option<&str>, variables: &[(&str, &str)], flags: &[(&str, &str)]) -> Result<Loaded> {
        let folder = tempfile::tempdir().unwrap();
        let file = toml.map(|text| {
            let path = folder.path().join("sparkbot.toml");
            std::fs::write(&path, text).unwrap();
            path
        });
        let variables = variables.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        let flags = flags
            .iter()
            .map(|(k, v)| Flag { written: format!("--set {k}"), key: (*k).to_owned(), value: read_value(k, v) })
            .collect();
        merge(file.as_deref(), variables, flags)
    }

    fn refused(toml: Option<&str>, variables: &[(&str, &str)], flags: &[(&str, &str)]) -> String {
        let failure = load(toml, variables, flags).unwrap_err();
        format!("{} {}", failure.message(), failure.advice().unwrap_or_default())
    }

    #[test]
    fn flags_win_over_variables_over_the_file_over_defaults() {
        let toml = Some("node = 'file'\n[log]\nlevel = 'warn'\n[webhooks]\ntimeout = '3s'\n");
        let variables = [("SPARKBOT_LOG__LEVEL", "debug"), ("SPARKBOT_WEBHOOKS__TIMEOUT", "4s")];
        let loaded = load(toml, &variables, &[("webhooks.timeout", "5s")]).unwrap().config;
        assert_eq!(loaded.node, "file");
        assert_eq!(loaded.log.level, "debug");
        assert_eq!(loaded.webhooks.timeout.to_string(), "5s");
        assert_eq!(loaded.limits.queue, 100_000);
    }

    #[test]
    fn an_unknown_key_is_named_with_its_source() {
        let text = refused(Some("[webhooks]\ntimout = '3s'\n"), &[], &[]);
        assert!(text.contains("sparkbot.toml: unknown key 'webhooks.timout'"), "{text}");
        assert!(text.contains("'webhooks.timeout'"), "{text}");
        let text = refused(None, &[("SPARKBOT_LOG__COLOUR", "red")], &[]);
        assert!(text.contains("SPARKBOT_LOG__COLOUR: unknown key 'log.colour'"), "{text}");
        assert!(text.contains("log.level, log.format"), "{text}");
        let text = refused(None, &[], &[("nonsense", "1")]);
        assert!(text.contains("--set nonsense: unknown key 'nonsense'"), "{text}");
    }

    #[test]
    fn variables_of_others_only_warn_but_mistakes_stop() {
        let loaded =
            load(None, &[("SPARKBOT_COLOUR", "red"), ("SPARKBOT_PORT_7700_TCP", "tcp://10.0.0.1")], &[]).unwrap();
        assert_eq!(loaded.warnings.len(), 1);
        assert!(refused(None, &[("SPARKBOT_DATADIR", "/d")], &[]).contains("data_dir"));
    }

    #[test]
    fn a_wrong_value_says_what_is_right() {
        let text = refused(Some("listen = '7700'\n"), &[], &[]);
        assert!(text.contains("'listen'") && text.contains("127.0.0.1:7700"), "{text}");
        let text = refused(None, &[("SPARKBOT_RETENTION__EVENTS", "5 minutes")], &[]);
        assert!(text.contains("SPARKBOT_RETENTION__EVENTS") && text.contains("12h"), "{text}");
        let text = refused(None, &[], &[("log.format", "xml")]);
        assert!(text.contains("text, json"), "{text}");
        assert!(refused(None, &[], &[("network.allowed", "[nowhere]")]).contains("network.allowed"));
    }

    #[test]
    fn text_that_looks_like_a_number_stays_text() {
        let loaded =
            load(None, &[("SPARKBOT_WHATSAPP__DEVICE_NAME", "007"), ("SPARKBOT_NODE", "1")], &[]).unwrap().config;
        assert_eq!((loaded.whatsapp.device_name.0.as_str(), loaded.node.as_str()), ("007", "1"));
        let loaded = load(None, &[("SPARKBOT_NETWORK__ALLOWED", "[\"10.0.0.0/8\"]")], &[]).unwrap().config;
        assert_eq!(loaded.network.allowed.len(), 1);
    }

    /// The example is complete, and its values are the defaults.
    #[test]
    fn the_example_names_every_setting_with_its_default() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sparkbot.example.toml");
        let text = std::fs::read_to_string(path).unwrap();
        // Settings stand as '#name = value', remarks as '# words'.
        let switched_on: String = text
            .lines()
            .map(|line| match line.strip_prefix('#') {
                Some(rest) if rest.starts_with(|c: char| c.is_ascii_lowercase()) => rest,
                _ => line,
            })
            .fold(String::new(), |all, line| all + line + "\n");
        let written: toml_like::Table = toml_like::read(&switched_on);
        for key in keys().iter().filter(|key| {
            ![
                "database",
                "master_key",
                "log",
                "webhooks",
                "network",
                "files",
                "s3",
                "limits",
                "retention",
                "whatsapp",
                "history",
            ]
            .contains(&key.as_str())
        }) {
            assert!(written.contains(key), "sparkbot.example.toml lacks {key}");
        }
        let defaults = load(Some(&text), &[], &[]).unwrap().config;
        assert_eq!(super::as_json(&defaults), super::as_json(&super::Config::default()));
        let optional = [
            "url = ",
            "file = ",
            "client_version = ",
            "folder = ",
            "bucket = ",
            "endpoint = ",
            "access_key = ",
            "secret_key = ",
        ];
        let with_values: String = switched_on
            .lines()
            .filter(|line| !optional.iter().any(|name| line.starts_with(name)))
            .fold(String::new(), |all, line| all + line + "\n");
        let loaded = load(Some(&with_values), &[], &[]).unwrap().config;
        assert_eq!(super::as_json(&loaded), super::as_json(&super::Config::default()));
        load(Some(&switched_on), &[], &[]).unwrap();
    }

    /// Just enough TOML to list the keys of the example.
    mod toml_like {
        pub(super) type Table = std::collections::BTreeSet<String>;

        pub(super) fn read(text: &str) -> Table {
            let mut section = String::new();
            let mut keys = Table::new();
            for line in text.lines() {
                if let Some(name) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
                    section = format!("{name}.");
                } else if let Some((name, _)) = line.split_once(" = ")
                    && !line.starts_with('#')
                {
                    keys.insert(format!("{section}{name}"));
                }
            }
            keys
        }
    }
}
