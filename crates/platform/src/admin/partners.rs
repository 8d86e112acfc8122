use axum::{Json, extract::State, http::StatusCode};
use latchkey_contract::{partners::CreatePartner, sessions::SessionTokens};
use latchkey_store::Author;

use super::{
    body::Body,
    fault::{Code, Fault},
    openapi::Problems,
    viewer::Peer,
};
use crate::{
    Context,
    partners::{self, CreatePartnerError},
    sessions::open_session,
};

impl From<CreatePartnerError> for Fault {
    fn from(error: CreatePartnerError) -> Self {
        match error {
            CreatePartnerError::Invalid(errors) => Self::invalid(errors),
            CreatePartnerError::EmailTaken => Self::new(
                Code::EmailTaken,
                "This email address has an account already. Sign in, or use another address.",
            )
            .at("/email", "has an account already"),
            CreatePartnerError::Session(error) => error.into(),
            CreatePartnerError::Seal(error) => Self::internal(error),
            CreatePartnerError::Store(error) => error.into(),
        }
    }
}

/// Sign up
///
/// Creates a partner with its first member and an account on every platform, and signs in. Only
/// where the server's configuration allows it.
#[utoipa::path(
    post, path = "/partners", tag = "partners", request_body = CreatePartner,
    responses((status = 201, description = "Signed up and in", body = SessionTokens), Problems)
)]
pub async fn create_partner(
    State(context): State<Context>,
    peer: Peer,
    Body(request): Body<CreatePartner>,
) -> Result<(StatusCode, Json<SessionTokens>), Fault> {
    if !context.config.allow_sign_up {
        return Err(Fault::new(
            Code::SignUpClosed,
            "This server takes no sign-ups. Ask its operator for an account.",
        ));
    }
    context.sessions.admit_sign_up(peer.address)?;
    let address = peer.address.to_string();
    let author = Author::member(request.email.trim(), Some(&address));
    let created = partners::create_partner(&context, &request, author).await?;
    let tokens = open_session(&context, created.partner, created.member, peer.caller).await?;
    Ok((StatusCode::CREATED, Json(tokens)))
}
