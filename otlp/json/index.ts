export { OtlpJsonError } from './errors.ts'
export { jsonToProto } from './json-to-proto.ts'
export { protoToJson } from './proto-to-json.ts'
