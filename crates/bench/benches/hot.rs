//! How long the paths of every message take:
//! `cargo bench -p sparkbot-bench --features criterion`.

#[path = "../tests/inprocess/mod.rs"]
mod inprocess;

use std::cell::Cell;
use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use inprocess::{Server, sign};

fn paths(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let server = runtime.block_on(Server::start());
    let next = Cell::new(0);
    let another = || next.replace(next.get() + 1);
    runtime.block_on(server.sends(false));
    criterion.bench_function("accept", |bencher| bencher.iter(|| runtime.block_on(server.accept(another()))));
    criterion.bench_function("receive", |bencher| bencher.iter(|| runtime.block_on(server.receive(another()))));
    criterion.bench_function("append-event", |bencher| bencher.iter(|| runtime.block_on(server.append(another()))));
    criterion.bench_function("sign-delivery", |bencher| bencher.iter(|| black_box(sign())));
    runtime.block_on(server.sends(true));
    criterion.bench_function("accept-and-send", |bencher| {
        bencher.iter(|| {
            runtime.block_on(async {
                let sent = server.sent();
                server.accept(another()).await;
                while server.sent() <= sent {
                    tokio::task::yield_now().await;
                }
            });
        });
    });
}

criterion_group! {
    name = hot;
    config = Criterion::default().sample_size(50).measurement_time(Duration::from_secs(5));
    targets = paths
}
criterion_main!(hot);
