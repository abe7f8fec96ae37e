//! Lists come in pages.

/// A part of a list and how much there is of it.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// This part.
    pub items: Vec<T>,
    /// All of it.
    pub total: i64,
}

/// Which part is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Slice {
    /// Rows a page.
    pub size: i64,
    /// Rows before it.
    pub skip: i64,
}

impl<T> Page<T> {
    /// Turns rows into what is shown.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(f).collect(), total: self.total }
    }
}
