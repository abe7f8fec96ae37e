//! `sparkbot openapi`.

use crate::cli::OpenapiArgs;
use crate::failure::{Failure, Result};
use crate::terminal;

pub(super) fn run(args: &OpenapiArgs) -> Result<()> {
    let text = serde_json::to_string_pretty(&sparkbot_api::openapi())
        .map_err(|error| Failure::new(format!("the OpenAPI document can't be written: {error}")))?;
    let Some(file) = &args.output else {
        terminal::line(text);
        return Ok(());
    };
    std::fs::write(file, text + "\n").map_err(|error| {
        Failure::new(format!("{} can't be written: {error}", file.display())).hint("Check that the folder exists.")
    })
}
