//! A delivery becomes a message: template and person rendered, links sealed.

use serde_json::{Map, Value, json};
use weft_content::render::{self, Bounds, Rendered};
use weft_content::{Channel, Template};
use weft_context_kit::workspace_of;
use weft_profile_kv::Read;

use crate::delivery::Delivery;
use crate::kernel::{Atom, MessageId, Millis, PersonId, Pii, Result, WorkspaceId};
use crate::links::Links;
use crate::providers::{Address, OutMessage, Unsubscribe};

/// What a template may speak of, for one person.
pub(crate) fn context(read: &dyn Read, workspace: WorkspaceId, person: Atom, event: &Map<String, Value>, unsubscribe_url: &str, now: Millis) -> Result<Value> {
    let settings = workspace_of(read, workspace)?;
    let root = weft_identity::root(read, workspace, person)?;
    let mut traits: Map<String, Value> =
        weft_profiles::document(read, workspace, root)?.present().map(|(name, t)| (name.clone(), t.value.clone())).collect();
    traits.insert("id".into(), PersonId::of(workspace, root).0.into());
    Ok(json!({
        "person": traits,
        "event": event,
        "brand": {"name": settings.name},
        "unsubscribe_url": unsubscribe_url,
        "time_zone": settings.time_zone,
        "now": now,
    }))
}

/// The finished message, with links that lead back here.
pub(crate) fn compose(read: &dyn Read, links: &Links, template: &Template, delivery: &Delivery, now: Millis) -> Result<OutMessage> {
    let intent = &delivery.intent;
    let unsubscribe = links.unsubscribe(intent.workspace, &intent.id);
    let context = context(read, intent.workspace, intent.person, &intent.event, &unsubscribe, now)?;
    let rendered = render::render(&template.source(), &context, &Bounds::default())?;
    let mut message = OutMessage::new(intent.id.clone(), address(template, &delivery.to), now);
    fill(&mut message, rendered, links, intent.workspace, &intent.id, &unsubscribe);
    match template.channel {
        Channel::Email => message.unsubscribe = Some(Unsubscribe { url: unsubscribe, mailto: None }),
        Channel::Sms => {
            message.template_code = Some(template.body.sms_template_code.clone()).filter(|c| !c.is_empty());
        }
        Channel::Webhook => {
            message.payload = Some(json!({
                "type": "message",
                "timestamp": now,
                "data": {"message_id": intent.id, "person": PersonId::of(intent.workspace, intent.person), "journey": intent.journey,
                         "fields": message.template_params, "text": message.text},
            }));
        }
    }
    Ok(message)
}

fn address(template: &Template, to: &str) -> Address {
    match template.channel {
        Channel::Email => Address::Email(Pii(to.to_owned())),
        Channel::Sms => Address::Phone(Pii(to.to_owned())),
        Channel::Webhook => Address::Url(template.body.webhook_url.clone()),
    }
}

fn fill(message: &mut OutMessage, rendered: Rendered, links: &Links, workspace: WorkspaceId, id: &MessageId, unsubscribe: &str) {
    // The way out must stay as it is: it is sealed already, and is no click.
    let track = |url: &str| if url == unsubscribe { url.to_owned() } else { links.click(workspace, id, url) };
    message.subject = rendered.subject;
    message.html = rendered.html.map(|html| render::insert_pixel(&render::rewrite_links(&html, track), &links.open(workspace, id)));
    message.text = rendered.text.map(|text| render::rewrite_text_links(&text, track));
    message.template_params = rendered.fields;
}
