//! The members of getInfo: one row each, with the specification's key and name.

use keyvet_cbor::Item;
use serde_json::Value as Json;

use super::{
    GetInfo,
    value::{MemberValue, show_url},
};

/// One member: how to read it into a [`GetInfo`] and how to show it.
pub(super) struct Member {
    /// Key in the response map.
    pub(super) key: u8,
    /// Name in the specification.
    pub(super) name: &'static str,
    /// The type in words.
    pub(super) expected: &'static str,
    /// Takes the value; `false` when it has another type.
    pub(super) read: fn(&mut GetInfo, &Item<'_>) -> bool,
    /// The value as JSON, when present.
    pub(super) show: fn(&GetInfo) -> Option<Json>,
}

macro_rules! members {
    ($($key:literal $name:literal $field:ident $($show:ident)?;)*) => {
        /// Every member of CTAP 2.3 §6.4, in key order.
        pub(super) static MEMBERS: &[Member] = &[$(Member {
            key: $key,
            name: $name,
            expected: expected(|info| &info.$field),
            read: |info, item| take(&mut info.$field, item),
            show: |info| info.$field.as_ref().map(members!(@show $($show)?)),
        }),*];
    };
    (@show) => { MemberValue::show };
    (@show $show:ident) => { |value| $show(value) };
}

members! {
    0x01 "versions" versions;
    0x02 "extensions" extensions;
    0x03 "aaguid" aaguid;
    0x04 "options" options;
    0x05 "maxMsgSize" max_msg_size;
    0x06 "pinUvAuthProtocols" pin_uv_auth_protocols;
    0x07 "maxCredentialCountInList" max_credential_count_in_list;
    0x08 "maxCredentialIdLength" max_credential_id_length;
    0x09 "transports" transports;
    0x0A "algorithms" algorithms;
    0x0B "maxSerializedLargeBlobArray" max_serialized_large_blob_array;
    0x0C "forcePINChange" force_pin_change;
    0x0D "minPINLength" min_pin_length;
    0x0E "firmwareVersion" firmware_version;
    0x0F "maxCredBlobLength" max_cred_blob_length;
    0x10 "maxRPIDsForSetMinPINLength" max_rp_ids_for_set_min_pin_length;
    0x11 "preferredPlatformUvAttempts" preferred_platform_uv_attempts;
    0x12 "uvModality" uv_modality;
    0x13 "certifications" certifications;
    0x14 "remainingDiscoverableCredentials" remaining_discoverable_credentials;
    0x15 "vendorPrototypeConfigCommands" vendor_prototype_config_commands;
    0x16 "attestationFormats" attestation_formats;
    0x17 "uvCountSinceLastPinEntry" uv_count_since_last_pin_entry;
    0x18 "longTouchForReset" long_touch_for_reset;
    0x19 "encIdentifier" enc_identifier;
    0x1A "transportsForReset" transports_for_reset;
    0x1B "pinComplexityPolicy" pin_complexity_policy;
    0x1C "pinComplexityPolicyURL" pin_complexity_policy_url show_url;
    0x1D "maxPINLength" max_pin_length;
    0x1E "encCredStoreState" enc_cred_store_state;
    0x1F "authenticatorConfigCommands" authenticator_config_commands;
}

fn take<T: MemberValue>(place: &mut Option<T>, item: &Item<'_>) -> bool {
    *place = T::read(item);
    place.is_some()
}

/// The words for the type of a field; the accessor only names the field.
const fn expected<T: MemberValue>(_: fn(&GetInfo) -> &Option<T>) -> &'static str {
    T::EXPECTED
}
