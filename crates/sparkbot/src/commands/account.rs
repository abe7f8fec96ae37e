//! `sparkbot account …`, on the database.

use serde_json::json;
use sparkbot_core::accounts;
use sparkbot_core::clock::iso;
use sparkbot_store::rows::AccountRow;

use super::key::hand_over;
use crate::cli::resources::AccountCommand;
use crate::config::Config;
use crate::database;
use crate::failure::{Failure, Result};
use crate::terminal;

pub(super) async fn run(config: &Config, command: AccountCommand, as_json: bool) -> Result<()> {
    let core = database::offline(config).await?;
    match command {
        AccountCommand::Create { name, output } => {
            let name = name.trim();
            if name.is_empty() || name.chars().count() > 60 {
                return Err(Failure::usage("an account has a name of 1 to 60 characters"));
            }
            let key = accounts::create(&core, name).await?;
            if !as_json {
                terminal::line(format_args!("Account {} ({name}) is made.", key.row.account_id));
            }
            hand_over(&key, output.as_deref(), as_json)
        }
        AccountCommand::List => {
            let accounts = core.store().read().await?.server().accounts().await?;
            if as_json {
                let list: Vec<_> = accounts
                    .iter()
                    .map(|row| json!({ "id": row.id.as_str(), "name": row.name, "createdAt": iso(row.created_at) }))
                    .collect();
                terminal::json(&list);
            } else {
                let rows: Vec<_> = accounts
                    .iter()
                    .map(|row| vec![row.id.to_string(), row.name.clone(), iso(row.created_at)])
                    .collect();
                terminal::line(terminal::table(&["ID", "NAME", "CREATED"], &rows));
            }
            Ok(())
        }
    }
}

/// The account that is meant: by id or name, or the only one.
///
/// # Errors
/// When it is not clear which one.
pub(super) fn choose<'a>(accounts: &'a [AccountRow], wanted: Option<&str>) -> Result<&'a AccountRow> {
    let names = || accounts.iter().map(|row| format!("{} ({})", row.name, row.id)).collect::<Vec<_>>().join(", ");
    match (accounts, wanted) {
        ([], _) => Err(Failure::new("there is no account yet")
            .hint("Start the server once with `sparkbot serve`, or make one with `sparkbot account create Main`; check --data-dir too.")),
        ([only], None) => Ok(only),
        (_, None) => Err(Failure::usage("there are several accounts").hint(format!("Name one with --account: {}.", names()))),
        (_, Some(wanted)) => {
            let mut found = accounts.iter().filter(|row| row.id.as_str() == wanted || row.name == wanted);
            match (found.next(), found.next()) {
                (Some(row), None) => Ok(row),
                (Some(_), Some(_)) => Err(Failure::usage(format!("several accounts are called '{wanted}'")).hint("Name it by its id.")),
                (None, _) => Err(Failure::usage(format!("there is no account '{wanted}'")).hint(format!("There are {}.", names()))),
            }
        }
    }
}
