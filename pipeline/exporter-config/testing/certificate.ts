const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBljCCATugAwIBAgIUGyoBrc4HaSjDuKx+XhQb/JHIHZAwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMzE5NDc0OVoYDzIxMjYxMDMw
MTk0NzQ5WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAASNVaiLDcaftknSziE+aX1lEw3FSeq5ZTZk//uEikrmmNPECGj5+v0o
itsruWe35+KKILsbDjlw3ApFw5871jqEo2kwZzAdBgNVHQ4EFgQUDIjO2ukrhEup
IvL7ROkkYAyIHIowHwYDVR0jBBgwFoAUDIjO2ukrhEupIvL7ROkkYAyIHIowFAYD
VR0RBA0wC4IJbG9jYWxob3N0MA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwID
SQAwRgIhALKv1TWU1pQa8s3qSQpRrJZcYrlQJpcd5N13Zwe4OtuSAiEAqhhtXLht
6iA6wTJpyR7MOfgDfTO7APBAr443XiR6fBk=
-----END CERTIFICATE-----`

const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgwA+P3OAXuwT572nT
Rsa+LAiR1FHIOYDzi8sSm/Im+MihRANCAASNVaiLDcaftknSziE+aX1lEw3FSeq5
ZTZk//uEikrmmNPECGj5+v0oitsruWe35+KKILsbDjlw3ApFw5871jqE
-----END PRIVATE KEY-----`

/** A certificate for `localhost` (by name only) that is its own authority, valid for a hundred years. For tests only. */
export const certificate = (): { readonly cert: string; readonly key: string } => ({ cert: CERTIFICATE, key: KEY })
