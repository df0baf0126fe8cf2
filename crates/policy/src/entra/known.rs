//! The few AAGUIDs that Microsoft's pages give a meaning of their own.

use keyvet_ctap::Aaguid;

/// Microsoft Authenticator on Android.
pub const AUTHENTICATOR_ANDROID: Aaguid =
    Aaguid(0xde1e552d_db1d_4423_a619_566b625cdc84_u128.to_be_bytes());
/// Microsoft Authenticator on iOS.
pub const AUTHENTICATOR_IOS: Aaguid =
    Aaguid(0x90a3ccdf_635c_4729_a248_9b709135078f_u128.to_be_bytes());
/// Windows Hello with a TPM.
pub const WINDOWS_HELLO_HARDWARE: Aaguid =
    Aaguid(0x08987058_cadc_4b81_b6e1_30de50dcbe96_u128.to_be_bytes());
/// Windows Hello in a virtualization-based enclave.
pub const WINDOWS_HELLO_VBS: Aaguid =
    Aaguid(0x9ddd1817_af5a_4672_a2b9_3e3dd95000a9_u128.to_be_bytes());
/// Windows Hello in software.
pub const WINDOWS_HELLO_SOFTWARE: Aaguid =
    Aaguid(0x6028b017_b1d4_4c02_b4b3_afcdafc96bb2_u128.to_be_bytes());
/// Platform Credential for macOS.
pub const MACOS_PLATFORM_CREDENTIAL: Aaguid =
    Aaguid(0x7fd635b3_2ef9_4542_8d9d_164f2c771efc_u128.to_be_bytes());

/// What Microsoft's pages call this AAGUID, when they name it.
pub(crate) fn name(aaguid: Aaguid) -> Option<&'static str> {
    Some(match aaguid {
        AUTHENTICATOR_ANDROID => "Microsoft Authenticator on Android",
        AUTHENTICATOR_IOS => "Microsoft Authenticator on iOS",
        WINDOWS_HELLO_HARDWARE => "Windows Hello with a TPM",
        WINDOWS_HELLO_VBS => "Windows Hello, VBS",
        WINDOWS_HELLO_SOFTWARE => "Windows Hello in software",
        MACOS_PLATFORM_CREDENTIAL => "Platform Credential for macOS",
        _ => return None,
    })
}

pub(crate) fn is_authenticator_app(aaguid: Aaguid) -> bool {
    matches!(aaguid, AUTHENTICATOR_ANDROID | AUTHENTICATOR_IOS)
}
