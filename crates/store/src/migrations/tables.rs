//! What the definitions of tables share.

use sea_orm_migration::prelude::*;

/// A reference from columns of one table to columns of another.
pub(super) fn foreign_key(
    from: (&'static str, &[&'static str]),
    to: (&'static str, &[&'static str]),
) -> ForeignKeyCreateStatement {
    let mut key = ForeignKey::create();
    key.from_tbl(from.0).to_tbl(to.0);
    for column in from.1 {
        key.from_col(*column);
    }
    for column in to.1 {
        key.to_col(*column);
    }
    key
}

/// An index over columns, named after them.
pub(super) fn index(table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut index = Index::create();
    index.name(format!("{table}_{}", columns.join("_"))).table(table);
    for column in columns {
        index.col(*column);
    }
    index
}

/// The primary key over several columns.
pub(super) fn primary_key(columns: &[&'static str]) -> IndexCreateStatement {
    let mut key = Index::create();
    for column in columns {
        key.col(*column);
    }
    key.primary().take()
}

/// Keeps a table's rows in its primary key. SQLite needs to be told; elsewhere it means nothing.
pub(super) fn clustered(
    manager: &SchemaManager<'_>,
    table: &mut TableCreateStatement,
) -> TableCreateStatement {
    if manager.get_database_backend() == sea_orm::DbBackend::Sqlite {
        table.extra("WITHOUT ROWID");
    }
    table.take()
}
