//! `sparkbot key …`, on the database, so that it works without a key.

use std::path::Path;

use serde_json::{Value, json};
use sparkbot_core::Core;
use sparkbot_core::clock::iso;
use sparkbot_core::ids::{KeyId, UserId};
use sparkbot_core::keys::{self, Caller, NewKey, Scope};
use sparkbot_store::rows::{AccountRow, KeyRow, UserFilter};

use super::account::choose;
use crate::cli::resources::KeyCommand;
use crate::config::Config;
use crate::failure::{Failure, Result};
use crate::{database, master_key, terminal};

pub(super) async fn run(config: &Config, command: KeyCommand, as_json: bool) -> Result<()> {
    let core = database::offline(config).await?;
    let accounts = core.store().read().await?.server().accounts().await?;
    match command {
        KeyCommand::Create { name, scopes, expires, account, output } => {
            let caller = administrator(&core, choose(&accounts, account.as_deref())?).await?;
            let scopes = if scopes.is_empty() { vec![Scope::All] } else { read_scopes(&scopes)? };
            let expires_at = match expires {
                Some(span) => {
                    let length = i64::try_from(span.duration().as_millis())
                        .map_err(|_| Failure::usage("--expires is too long"))?;
                    Some(core.now().saturating_add(length))
                }
                None => None,
            };
            let key = keys::create(&core, &caller, &name, &scopes, expires_at).await?;
            hand_over(&key, output.as_deref(), as_json)
        }
        KeyCommand::List { account } => {
            let shown = match &account {
                Some(_) => std::slice::from_ref(choose(&accounts, account.as_deref())?),
                None => &accounts[..],
            };
            let mut all = Vec::new();
            for account in shown {
                for key in core.store().read().await?.account(&account.id).keys().await? {
                    all.push((account.name.clone(), key));
                }
            }
            show(&all, core.now(), as_json);
            Ok(())
        }
        KeyCommand::Revoke { key } => revoke(&core, &accounts, &key, as_json).await,
    }
}

/// The account's own administrator asks, with every right.
async fn administrator(core: &Core, account: &AccountRow) -> Result<Caller> {
    let admins = UserFilter { role: vec!["admin".to_owned()], size: 1, ..UserFilter::default() };
    let users = core.store().read().await?.account(&account.id).users(&admins).await?;
    let user: UserId = users
        .first()
        .map(|user| user.id.clone())
        .ok_or_else(|| Failure::new(format!("the account {} has no administrator", account.name)))?;
    Ok(Caller::operator(account.id.clone(), user, KeyId::new(core.now())))
}

fn read_scopes(words: &[String]) -> Result<Vec<Scope>> {
    words.iter().map(|word| word.parse().map_err(|error: sparkbot_core::Error| Failure::usage(error.message))).collect()
}

async fn revoke(core: &Core, accounts: &[AccountRow], wanted: &str, as_json: bool) -> Result<()> {
    let mut found = Vec::new();
    for account in accounts {
        for key in core.store().read().await?.account(&account.id).keys().await? {
            if key.revoked_at.is_none() && (key.id.as_str() == wanted || key.prefix == wanted) {
                found.push((account, key));
            }
        }
    }
    match &found[..] {
        [] => Err(Failure::new(format!("there is no live key '{wanted}'"))
            .hint("`sparkbot key list` shows ids and first digits.")),
        [(account, key)] => {
            keys::revoke(core, &administrator(core, account).await?, &key.id).await?;
            if as_json {
                terminal::json(&json!({ "revoked": key.id.as_str(), "name": key.name }));
            } else {
                terminal::line(format_args!(
                    "Key {} ({}) is revoked; requests with it are refused from now on.",
                    key.id, key.name
                ));
            }
            Ok(())
        }
        _ => Err(Failure::usage(format!("several keys begin with '{wanted}'")).hint("Name it by its id.")),
    }
}

/// Shows a fresh key, or writes it to a file that only its owner may read.
///
/// # Errors
/// When the file can't be written.
pub(super) fn hand_over(key: &NewKey, output: Option<&Path>, as_json: bool) -> Result<()> {
    if let Some(file) = output {
        master_key::write_secret(file, &key.secret)?;
    }
    let file = output.map(|file| file.display().to_string());
    if as_json {
        let mut view = view(&key.row, key.row.account_id.as_str(), key.row.created_at);
        if let Some(map) = view.as_object_mut() {
            match &file {
                Some(file) => map.insert("file".to_owned(), json!(file)),
                None => map.insert("key".to_owned(), json!(key.secret)),
            };
        }
        terminal::json(&view);
        return Ok(());
    }
    match file {
        Some(file) => terminal::line(format_args!("The key is in {file}; use it with --key-file {file}.")),
        None => {
            terminal::line("The key, shown only this once:");
            terminal::line(format_args!("\n  {}\n", key.secret));
        }
    }
    Ok(())
}

fn state(key: &KeyRow, now: i64) -> &'static str {
    if key.revoked_at.is_some() {
        "revoked"
    } else if key.expires_at.is_some_and(|at| at <= now) {
        "expired"
    } else {
        "live"
    }
}

fn scopes(key: &KeyRow) -> Vec<String> {
    serde_json::from_str(&key.scopes).unwrap_or_default()
}

fn view(key: &KeyRow, account: &str, now: i64) -> Value {
    json!({
        "id": key.id.as_str(),
        "account": account,
        "name": key.name,
        "prefix": key.prefix,
        "scopes": scopes(key),
        "status": state(key, now),
        "createdAt": iso(key.created_at),
        "expiresAt": key.expires_at.map(iso),
        "lastUsedAt": key.last_used_at.map(iso),
    })
}

fn show(keys: &[(String, KeyRow)], now: i64, as_json: bool) {
    if as_json {
        terminal::json(&keys.iter().map(|(_, key)| view(key, key.account_id.as_str(), now)).collect::<Vec<_>>());
        return;
    }
    let date = |at: Option<i64>| at.map_or_else(|| "never".to_owned(), |at| iso(at)[..16].replace('T', " "));
    let rows: Vec<_> = keys
        .iter()
        .map(|(account, key)| {
            vec![
                key.id.to_string(),
                account.clone(),
                key.name.clone(),
                format!("{}…", key.prefix),
                scopes(key).join(","),
                state(key, now).to_owned(),
                date(key.expires_at),
                date(key.last_used_at),
            ]
        })
        .collect();
    terminal::line(terminal::table(
        &["ID", "ACCOUNT", "NAME", "KEY", "SCOPES", "STATUS", "EXPIRES", "LAST USED"],
        &rows,
    ));
}
