// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include <algorithm>
#include <array>
#include <span>

#include "enforce/read_rule_parts.hpp"

namespace cpg {

namespace {

struct type_name {
    std::string_view name;
    std::uint8_t type;
};

// Those that the CRD lets through and the agent then knows; the numbers are IANA's.
constexpr std::array v4_types = std::to_array<type_name>({{"EchoReply", 0},
                                                          {"DestinationUnreachable", 3},
                                                          {"Redirect", 5},
                                                          {"Echo", 8},
                                                          {"EchoRequest", 8},
                                                          {"RouterAdvertisement", 9},
                                                          {"RouterSelection", 10},
                                                          {"TimeExceeded", 11},
                                                          {"ParameterProblem", 12},
                                                          {"Timestamp", 13},
                                                          {"TimestampReply", 14},
                                                          {"Photuris", 40},
                                                          {"ExtendedEchoRequest", 42}});

constexpr std::array v6_types = std::to_array<type_name>({{"DestinationUnreachable", 1},
                                                          {"PacketTooBig", 2},
                                                          {"TimeExceeded", 3},
                                                          {"ParameterProblem", 4},
                                                          {"EchoRequest", 128},
                                                          {"EchoReply", 129},
                                                          {"MulticastListenerQuery", 130},
                                                          {"MulticastListenerReport", 131},
                                                          {"MulticastListenerDone", 132},
                                                          {"RouterSolicitation", 133},
                                                          {"RouterAdvertisement", 134},
                                                          {"NeighborSolicitation", 135},
                                                          {"NeighborAdvertisement", 136},
                                                          {"RedirectMessage", 137},
                                                          {"RouterRenumbering", 138},
                                                          {"ICMPNodeInformationQuery", 139},
                                                          {"ICMPNodeInformationResponse", 140},
                                                          {"InverseNeighborDiscoverySolicitation", 141},
                                                          {"InverseNeighborDiscoveryAdvertisement", 142},
                                                          {"HomeAgentAddressDiscoveryRequest", 144},
                                                          {"HomeAgentAddressDiscoveryReply", 145},
                                                          {"MobilePrefixSolicitation", 146},
                                                          {"MobilePrefixAdvertisement", 147},
                                                          {"DuplicateAddressRequestCodeSuffix", 157},
                                                          {"DuplicateAddressConfirmationCodeSuffix", 158},
                                                          {"ExtendedEchoRequest", 160}});

}  // namespace

std::optional<std::uint8_t> icmp_type_of_name(std::string_view name, bool v6) {
    const std::span<const type_name> types = v6 ? std::span<const type_name>(v6_types) : v4_types;
    const auto found = std::ranges::find(types, name, &type_name::name);
    return found == types.end() ? std::nullopt : std::optional(found->type);
}

}  // namespace cpg
