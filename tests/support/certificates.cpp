// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#include "support/certificates.hpp"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <memory>
#include <stdexcept>

namespace cpg::test {

namespace {

using key_ptr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using x509_ptr = std::unique_ptr<X509, decltype(&X509_free)>;
using bio_ptr = std::unique_ptr<BIO, decltype(&BIO_free)>;

bio_ptr bio_of(const std::string& text) {
    return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free};
}

template <typename Write>
std::string as_pem(Write write) {
    const bio_ptr bio(BIO_new(BIO_s_mem()), BIO_free);
    if (write(bio.get()) != 1) throw std::runtime_error("PEM");
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

void add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
    if (!extension) throw std::runtime_error("extension " + value);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

}  // namespace

certificate make_certificate(const certificate_request& request, const certificate* issuer) {
    const key_ptr key(request.rsa_bits > 0 ? EVP_RSA_gen(request.rsa_bits) : EVP_EC_gen("P-256"), EVP_PKEY_free);
    const x509_ptr made(X509_new(), X509_free);
    X509_set_version(made.get(), 2);
    std::uint64_t serial = 0;
    RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial);
    ASN1_INTEGER_set_uint64(X509_get_serialNumber(made.get()), serial);
    X509_gmtime_adj(X509_getm_notBefore(made.get()), -2L * 86400);
    X509_gmtime_adj(X509_getm_notAfter(made.get()), request.days * 86400L);
    X509_set_pubkey(made.get(), key.get());
    X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(request.common_name.c_str()), -1, -1, 0);
    x509_ptr signer(nullptr, X509_free);
    key_ptr signing_key(nullptr, EVP_PKEY_free);
    if (issuer) {
        signer.reset(PEM_read_bio_X509(bio_of(issuer->pem).get(), nullptr, nullptr, nullptr));
        signing_key.reset(PEM_read_bio_PrivateKey(bio_of(issuer->key).get(), nullptr, nullptr, nullptr));
    }
    X509* by = signer ? signer.get() : made.get();
    X509_set_issuer_name(made.get(), X509_get_subject_name(by));
    add_extension(made.get(), by, NID_basic_constraints, request.authority ? "critical,CA:TRUE" : "CA:FALSE");
    if (!request.names.empty()) add_extension(made.get(), by, NID_subject_alt_name, request.names);
    if (X509_sign(made.get(), signing_key ? signing_key.get() : key.get(), EVP_sha256()) == 0)
        throw std::runtime_error("X509_sign");
    return {.pem = as_pem([&](BIO* bio) { return PEM_write_bio_X509(bio, made.get()); }),
            .key = as_pem([&](BIO* bio) {
                return PEM_write_bio_PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
            })};
}

}  // namespace cpg::test
