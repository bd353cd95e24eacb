// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "source/relay_request.hpp"

#include <google/protobuf/util/field_mask_util.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <set>

#include "decode/wire_decoder.hpp"
#include "support/flow_text.hpp"

namespace cpg {

namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

void set_number(Message& out, const FieldDescriptor& field) {
    const auto& reflection = *out.GetReflection();
    switch (field.cpp_type()) {
        case FieldDescriptor::CPPTYPE_INT32: return reflection.SetInt32(&out, &field, 1);
        case FieldDescriptor::CPPTYPE_INT64: return reflection.SetInt64(&out, &field, 1);
        case FieldDescriptor::CPPTYPE_UINT32: return reflection.SetUInt32(&out, &field, 1);
        case FieldDescriptor::CPPTYPE_UINT64: return reflection.SetUInt64(&out, &field, 1);
        case FieldDescriptor::CPPTYPE_BOOL: return reflection.SetBool(&out, &field, true);
        case FieldDescriptor::CPPTYPE_ENUM: return reflection.SetEnumValue(&out, &field, 1);
        default: BOOST_FAIL("a kind of field that the API did not have: " + field.full_name());
    }
}

// Some value that is not the default, in each field down to the last: of a oneof, the last stays.
void fill(Message& out, const FieldDescriptor& field) {
    const auto& reflection = *out.GetReflection();
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING)
        return field.is_repeated() ? reflection.AddString(&out, &field, "k8s:app=x")
                                   : reflection.SetString(&out, &field, "x");
    if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) return set_number(out, field);
    Message& inner =
        field.is_repeated() ? *reflection.AddMessage(&out, &field) : *reflection.MutableMessage(&out, &field);
    for (int i = 0; i < inner.GetDescriptor()->field_count(); ++i)
        fill(inner, *inner.GetDescriptor()->field(i));
}

std::string text_of(const endpoint& end) {
    return std::to_string(end.present) + " " + std::to_string(end.identity) + " " + std::string(end.pod_namespace) +
           " " + std::string(end.pod_name) + " " + std::string(end.workload) + " " + std::string(end.cluster) + " " +
           end.labels->workload;
}

std::string decoded(const ::flow::Flow& what) {
    observer::GetFlowsResponse message;
    *message.mutable_flow() = what;
    const std::string bytes = message.SerializeAsString();
    const std::string_view view = bytes;
    label_table table;
    decode_cache cache{table};
    flow_batch batch;
    decode_proto({&view, 1}, cache, batch);
    BOOST_REQUIRE_EQUAL(batch.flows.size(), 1u);
    const flow& out = batch.flows.front();
    return test::flow_text(out) + " | " + text_of(out.source) + " | " + text_of(out.destination) + " | " +
           std::string(out.source_ip) + " " + std::string(out.uuid) + " " + std::to_string(out.dns_ips.size()) + " " +
           std::to_string(out.to_service) + " " + std::to_string(out.aggregated) + " " +
           std::to_string(static_cast<int>(out.type)) + " " + std::to_string(static_cast<int>(out.l7_type)) + " " +
           std::string(out.denied_by_namespace);
}

std::set<std::string> asked_for() {
    const auto fields = fields_read();
    return {fields.begin(), fields.end()};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(relay_request_suite)

// A field that the decoder learns to read and the mask does not ask for would be empty in every live flow.
BOOST_AUTO_TEST_CASE(what_is_asked_for_is_what_the_decoder_reads) {
    const std::string nothing = decoded({});
    std::set<std::string> read;
    const auto& flow = *::flow::Flow::descriptor();
    for (int i = 0; i < flow.field_count(); ++i) {
        ::flow::Flow one;
        fill(one, *flow.field(i));
        if (decoded(one) != nothing) read.insert(flow.field(i)->name());
    }
    BOOST_TEST(read.erase("aggregate") == 1u);
    BOOST_TEST(read == asked_for(), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_mask_names_fields_of_a_flow) {
    const observer::GetFlowsRequest asked = flows_request({}, {}, std::nullopt);
    BOOST_TEST(asked.field_mask().paths_size() == static_cast<int>(fields_read().size()));
    BOOST_TEST(google::protobuf::util::FieldMaskUtil::IsValidFieldMask<::flow::Flow>(asked.field_mask()));
    BOOST_TEST(!flows_request({}, {.whole = true}, std::nullopt).has_field_mask());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cpg
