//! What the server remembers about itself. It belongs to no partner.

use latchkey_contract::Amount;
use sea_orm::{EntityTrait, sea_query::Expr};

use crate::{
    SealedSecret, Store, StoreError,
    entities::server::{Column, Entity},
};

/// What the server remembers about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerRow {
    /// Something sealed with the server's key, by which that key is known again.
    pub key_marker: Option<SealedSecret>,
    /// What a new partner gets on each platform, as the server was last started.
    pub welcome_grant: Amount,
}

impl Store {
    /// The operator's own: what the server remembers about itself.
    pub async fn get_server(&self) -> Result<ServerRow, StoreError> {
        let row = Entity::find().one(self.db()).await?;
        let row = row.ok_or_else(|| StoreError::Corrupt("the server's row is gone".to_owned()))?;
        let sealed = row.key_ciphertext.zip(row.key_nonce);
        Ok(ServerRow {
            key_marker: sealed.map(|(ciphertext, nonce)| SealedSecret { ciphertext, nonce }),
            welcome_grant: Amount(row.welcome_grant),
        })
    }

    /// The operator's own: remembers by what the server's key is known again.
    pub async fn set_key_marker(&self, marker: &SealedSecret) -> Result<(), StoreError> {
        self.set_server(&[
            (Column::KeyCiphertext, Expr::value(marker.ciphertext.as_slice())),
            (Column::KeyNonce, Expr::value(marker.nonce.as_slice())),
        ])
        .await
    }

    /// The operator's own: remembers what a new partner gets on each platform.
    pub async fn set_welcome_grant(&self, grant: Amount) -> Result<(), StoreError> {
        self.set_server(&[(Column::WelcomeGrant, Expr::value(grant.0))]).await
    }

    async fn set_server(&self, values: &[(Column, Expr)]) -> Result<(), StoreError> {
        let tx = self.begin_write().await?;
        let update = values.iter().fold(Entity::update_many(), |update, (column, value)| {
            update.col_expr(*column, value.clone())
        });
        update.exec(&*tx).await?;
        tx.commit().await
    }
}
