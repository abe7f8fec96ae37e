//! Departments of a number: what it is divided into, and who works where.

mod manage;
mod words;

pub use manage::{Department, DepartmentChanges, NewDepartment, create, delete, find, list, update};
pub use words::{COLORS, ICONS};
