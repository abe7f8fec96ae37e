//! The HTTP API by which tests and people drive the sandbox; see CONTROL.md.

mod book;
mod business;
mod calls;
mod channels;
mod chats;
mod connections;
mod error;
mod faults;
mod files;
mod groups;
mod history;
mod links;
mod marks;
mod media;
mod messages;
mod page;
mod people;
mod phones;
mod polling;
mod privacy;
mod root;
mod shown;
#[cfg(test)]
pub(crate) mod testing;
mod traffic;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{delete, get, patch, post, put};
use tokio::net::TcpListener;

use crate::hub::Hub;
use crate::media::store::MediaStore;

/// The largest request body, in bytes.
const MAX_BODY: usize = 8 * 1024 * 1024;

/// Where the sandbox is.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) socket_url: String,
    pub(crate) secure_socket_url: String,
    pub(crate) control_url: String,
    /// Where files are, without TLS; the same port takes TLS.
    pub(crate) media_url: String,
    /// The certificate authority of `https` and `wss`, as PEM.
    pub(crate) certificate: String,
    pub(crate) seed: u64,
}

/// What every handler needs.
#[derive(Clone)]
struct Context {
    hub: Arc<Hub>,
    place: Arc<Place>,
    store: Arc<MediaStore>,
}

/// The API of a sandbox.
pub(crate) fn api(hub: &Arc<Hub>, place: Place) -> Router {
    let store = hub.with(|world| Arc::clone(&world.media));
    router(Context { hub: Arc::clone(hub), place: Arc::new(place), store })
}

/// Answers control requests until the sandbox stops.
pub(crate) async fn serve(hub: Arc<Hub>, listener: TcpListener, app: Router) {
    let stop = hub.stop.clone();
    if let Err(error) = axum::serve(listener, app).with_graceful_shutdown(stop.cancelled_owned()).await {
        tracing::error!(%error, "the sandbox's control API stopped");
    }
}

fn router(context: Context) -> Router {
    Router::new()
        .route("/", get(page::at_root))
        .route("/page", get(page::show))
        .route("/settings", patch(root::change).get(root::settings))
        .route("/scan", post(links::scan_anew))
        .route("/phones", get(phones::list).post(phones::create))
        .route("/phones/{phone}", get(phones::show).patch(phones::change).delete(phones::remove))
        .route("/phones/{phone}/link", post(links::link))
        .route("/phones/{phone}/refresh-code", post(links::refresh))
        .route("/phones/{phone}/scan", post(links::scan))
        .route("/phones/{phone}/messages", post(messages::send).get(messages::list))
        .route("/phones/{phone}/messages/{id}", get(messages::show).patch(marks::mark).delete(marks::delete_for_me))
        .route("/phones/{phone}/messages/{id}/media", get(files::download))
        .route("/phones/{phone}/read", post(messages::read))
        .route("/phones/{phone}/privacy", get(privacy::show).patch(privacy::change_settings))
        .route("/phones/{phone}/people/{person}", get(privacy::person))
        .route("/phones/{phone}/trust", post(privacy::trust))
        .route("/phones/{phone}/reinstall", post(privacy::reinstall))
        .route("/phones/{phone}/number", post(privacy::renumber))
        .route("/phones/{phone}/lid-migration", post(privacy::migrate))
        .route("/phones/{phone}/text-status", put(privacy::text_status))
        .route("/phones/{phone}/history", get(history::show).post(history::add))
        .route("/phones/{phone}/chats", get(chats::show_all))
        .route("/phones/{phone}/chats/{chat}", get(chats::show).put(chats::put).delete(chats::remove))
        .route("/phones/{phone}/chats/{chat}/clear", post(chats::clear))
        .route("/phones/{phone}/contacts", get(book::contacts).post(book::add_contacts))
        .route("/phones/{phone}/contacts/{contact}", put(book::put_contact).delete(book::remove_contact))
        .route("/phones/{phone}/labels", get(book::labels))
        .route("/phones/{phone}/labels/{id}", put(book::put_label).delete(book::remove_label))
        .route("/phones/{phone}/quick-replies", get(book::quick_replies))
        .route("/phones/{phone}/quick-replies/{id}", put(book::put_quick_reply).delete(book::remove_quick_reply))
        .route("/phones/{phone}/preferences", get(book::preferences).patch(book::change_preferences))
        .route("/phones/{phone}/app-state", get(book::versions))
        .route("/phones/{phone}/app-state/rotate", post(book::rotate))
        .route("/phones/{phone}/events", get(phones::events))
        .route("/phones/{phone}/devices/{device}", delete(phones::unlink))
        .route("/phones/{phone}/offline", post(phones::offline))
        .route("/phones/{phone}/online", post(phones::online))
        .route("/phones/{phone}/script", put(phones::set_script).get(phones::script))
        .route("/phones/{phone}/typing", post(people::typing))
        .route("/phones/{phone}/presence", put(people::presence))
        .route("/phones/{phone}/subscribe", post(people::subscribe))
        .route("/phones/{phone}/block", put(people::block))
        .route("/phones/{phone}/about", put(people::about))
        .route("/phones/{phone}/picture", put(people::picture).get(people::show_picture))
        .merge(groups::routes())
        .route("/phones/{phone}/business", put(business::set).get(business::show))
        .route("/phones/{phone}/products", post(business::add).get(business::products))
        .route("/phones/{phone}/orders", post(business::order).get(business::orders))
        .route("/phones/{phone}/calls", post(calls::call))
        .route("/phones/{phone}/calls/{id}", delete(calls::hang_up))
        .route("/phones/{phone}/call-links", post(calls::link).get(calls::links))
        .route("/channels", get(channels::all))
        .route("/channels/{id}", get(channels::one))
        .route("/phones/{phone}/channels", get(channels::list).post(channels::create))
        .route("/phones/{phone}/channels/{id}", patch(channels::change).delete(channels::remove))
        .route("/phones/{phone}/channels/{id}/follow", post(channels::follow))
        .route("/phones/{phone}/channels/{id}/unfollow", post(channels::unfollow))
        .route("/phones/{phone}/channels/{id}/posts", get(channels::posts).post(channels::post))
        .route("/phones/{phone}/channels/{id}/posts/{post}/reaction", put(channels::react))
        .route("/faults", get(faults::list).post(faults::create).delete(faults::clear))
        .route("/faults/{id}", delete(faults::remove))
        .route("/media/expire", post(media::expire))
        .route("/uploads", post(files::upload))
        .route("/traffic", get(traffic::list))
        .route("/connections", get(connections::list))
        .fallback(error::no_such_path)
        .method_not_allowed_fallback(error::no_such_method)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(context)
}
