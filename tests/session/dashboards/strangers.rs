//! Servers that are no dashboard.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::{
    Json, Router,
    http::StatusCode,
    response::{Html, Redirect},
    routing::get,
};
use serde_json::json;
use tokio::net::TcpListener;

pub struct Stranger {
    url: String,
    followed: Arc<AtomicUsize>,
}

impl Stranger {
    /// One whose refusal at `/echo` repeats the token.
    pub async fn start(token: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let followed = Arc::<AtomicUsize>::default();
        let count = Arc::clone(&followed);
        let repeated = json!({ "error": "unauthorized", "message": format!("{token} is unknown") });
        let refused = StatusCode::UNAUTHORIZED;
        let app = Router::new()
            .route("/page/keys", get(async || Html("<p>Welcome</p>")))
            .route("/other/keys", get(async || Json(json!({ "items": [] }))))
            .route("/huge/keys", get(async || format!("{{\"keys\":[]{}}}", " ".repeat(2 << 20))))
            .route("/moved/keys", get(async || Redirect::to("/elsewhere")))
            .route("/silent/keys", get(move || async move { refused }))
            .route("/echo/keys", get(move || async move { (refused, Json(repeated)) }))
            .route("/broken/keys", get(async || StatusCode::INTERNAL_SERVER_ERROR))
            .route(
                "/busy/keys",
                get(async || {
                    let busy = json!({ "error": { "message": "Slow down" } });
                    (StatusCode::TOO_MANY_REQUESTS, Json(busy))
                }),
            )
            .route(
                "/elsewhere",
                get(move || async move {
                    count.fetch_add(1, Ordering::Relaxed);
                    Json(json!({ "keys": [] }))
                }),
            );
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, followed }
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}/{path}", self.url)
    }

    /// How often somebody came by the redirect.
    pub fn followed(&self) -> usize {
        self.followed.load(Ordering::Relaxed)
    }
}
