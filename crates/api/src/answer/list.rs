//! Lists: bare arrays, with the total and the neighbouring pages in headers.

use std::convert::Infallible;

use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use sparkbot_core::page::{Page, Slice};
use url::form_urlencoded;

const TOTAL: HeaderName = HeaderName::from_static("x-total-count");

/// Which part of a list is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Paging {
    size: i64,
    skip: i64,
    unit: Unit,
}

/// How the query counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    /// `page`, in pages.
    Pages,
    /// `skip`, in rows.
    Rows,
}

impl Paging {
    /// `size` rows, `page` pages after the first ones.
    pub(crate) fn pages(size: i64, page: i64) -> Self {
        Self { size, skip: size.saturating_mul(page), unit: Unit::Pages }
    }

    /// `size` rows after `skip` rows.
    pub(crate) fn rows(size: i64, skip: i64) -> Self {
        Self { size, skip, unit: Unit::Rows }
    }

    pub(crate) fn size(self) -> i64 {
        self.size
    }

    pub(crate) fn skip(self) -> i64 {
        self.skip
    }

    /// The same in core's words.
    pub(crate) fn slice(self) -> Slice {
        Slice { size: self.size, skip: self.skip }
    }
}

/// The address of the list itself, for links to its other pages.
pub(crate) struct Links {
    path: String,
    query: Vec<(String, String)>,
}

impl<S: Sync> FromRequestParts<S> for Links {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let query = form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes())
            .filter(|(key, _)| !matches!(&**key, "page" | "skip" | "size"))
            .map(|(key, value)| (key.into_owned(), value.into_owned()))
            .collect();
        Ok(Self { path: parts.uri.path().to_owned(), query })
    }
}

impl Links {
    /// The pages around this one.
    pub(crate) fn list<T>(self, page: Page<T>, paging: Paging) -> List<T> {
        let size = paging.size.max(1);
        let last = (page.total - 1).max(0) / size * size;
        let mut links = vec![self.link("first", paging, 0)];
        if paging.skip > 0 {
            links.push(self.link("prev", paging, (paging.skip - size).clamp(0, last)));
        }
        if paging.skip.saturating_add(size) < page.total {
            links.push(self.link("next", paging, paging.skip + size));
        }
        links.push(self.link("last", paging, last));
        List { items: page.items, total: page.total, links: links.join(", ") }
    }

    fn link(&self, rel: &str, paging: Paging, skip: i64) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(&self.query).append_pair("size", &paging.size.to_string());
        match paging.unit {
            Unit::Pages => query.append_pair("page", &(skip / paging.size.max(1)).to_string()),
            Unit::Rows => query.append_pair("skip", &skip.to_string()),
        };
        format!("<{}?{}>; rel=\"{rel}\"", self.path, query.finish())
    }
}

/// A part of a list.
pub(crate) struct List<T> {
    items: Vec<T>,
    total: i64,
    links: String,
}

impl<T: Serialize> IntoResponse for List<T> {
    fn into_response(self) -> Response {
        let mut response = Json(self.items).into_response();
        let headers = response.headers_mut();
        headers.insert(TOTAL, HeaderValue::from(self.total));
        if let Ok(links) = HeaderValue::from_str(&self.links) {
            headers.insert(header::LINK, links);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use sparkbot_core::page::Page;

    use super::{Links, Paging};

    fn links(total: i64, paging: Paging) -> String {
        let links = Links { path: "/v1/x".into(), query: vec![("search".into(), "a b&c".into())] };
        links.list(Page { items: vec![()], total }, paging).links.replace("/v1/x?search=a+b%26c&", "")
    }

    #[test]
    fn link_to_the_neighbours() {
        assert_eq!(
            links(45, Paging::pages(20, 1)),
            "<size=20&page=0>; rel=\"first\", <size=20&page=0>; rel=\"prev\", <size=20&page=2>; rel=\"next\", <size=20&page=2>; rel=\"last\""
        );
        assert_eq!(links(0, Paging::pages(20, 0)), "<size=20&page=0>; rel=\"first\", <size=20&page=0>; rel=\"last\"");
        assert_eq!(
            links(40, Paging::rows(20, 10)),
            "<size=20&skip=0>; rel=\"first\", <size=20&skip=0>; rel=\"prev\", <size=20&skip=30>; rel=\"next\", <size=20&skip=20>; rel=\"last\""
        );
    }

    #[test]
    fn a_page_far_beyond_the_end_leads_back() {
        assert!(links(45, Paging::pages(20, 1_000_000)).contains("<size=20&page=2>; rel=\"prev\""));
    }
}
