//! A UDP port.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use super::{At, Status};
use crate::UdpServer;
use crate::port::Port;

pub(super) async fn serve(
    port: Arc<Port>,
    listen: SocketAddr,
    status: Arc<Status>,
) -> io::Result<()> {
    let server = UdpServer::on(port, listen).await?;
    status.set(At::Place(None, server.address()?.to_string()));
    server.run().await
}
