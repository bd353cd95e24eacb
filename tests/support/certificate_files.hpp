// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#pragma once

// Certificates made on the spot, good for a day: none of them ever lies in the source tree. Keys are P-256.

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>
#include <stdexcept>
#include <string>

#include "support/temp_dir.hpp"

namespace cpg::test {

struct openssl_free {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(X509* certificate) const { X509_free(certificate); }
    void operator()(BIO* bio) const { BIO_free(bio); }
};

class certificate {
  public:
    /// A certificate authority.
    explicit certificate(const std::string& name) { make(name, "CA:TRUE", "", nullptr); }
    /// A leaf for what `alt_names` says (`DNS:localhost,IP:127.0.0.1`; empty for a client), signed by
    /// `issuer`.
    certificate(const std::string& name, const std::string& alt_names, const certificate& issuer) {
        make(name, "CA:FALSE", alt_names, &issuer);
    }

    /// Writes `<stem>.crt` and `<stem>.key` to `dir`.
    void write(const temp_dir& dir, const std::string& stem) const {
        const std::unique_ptr<BIO, openssl_free> crt(BIO_new(BIO_s_mem()));
        PEM_write_bio_X509(crt.get(), x509_.get());
        write_text(dir / (stem + ".crt"), text_of(crt.get()));
        const std::unique_ptr<BIO, openssl_free> key(BIO_new(BIO_s_mem()));
        PEM_write_bio_PrivateKey(key.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr);
        write_text(dir / (stem + ".key"), text_of(key.get()));
    }

  private:
    static std::string text_of(BIO* bio) {
        char* data = nullptr;
        const long size = BIO_get_mem_data(bio, &data);
        return {data, static_cast<std::size_t>(size)};
    }

    void add_extension(int kind, const std::string& value) {
        X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str());
        if (!extension) throw std::runtime_error("bad extension " + value);
        X509_add_ext(x509_.get(), extension, -1);
        X509_EXTENSION_free(extension);
    }

    void make(const std::string& name, const std::string& constraints, const std::string& alt_names,
              const certificate* issuer) {
        static long serial = 1;
        key_.reset(EVP_EC_gen("P-256"));
        X509* const x509 = x509_.get();
        X509_set_version(x509, X509_VERSION_3);
        ASN1_INTEGER_set(X509_get_serialNumber(x509), serial++);
        X509_gmtime_adj(X509_getm_notBefore(x509), -3600);
        X509_gmtime_adj(X509_getm_notAfter(x509), 24 * 3600);
        X509_set_pubkey(x509, key_.get());
        X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_UTF8,
                                   reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
        X509_set_issuer_name(x509, X509_get_subject_name(issuer ? issuer->x509_.get() : x509));
        add_extension(NID_basic_constraints, "critical," + constraints);
        if (!alt_names.empty()) add_extension(NID_subject_alt_name, alt_names);
        if (!X509_sign(x509, issuer ? issuer->key_.get() : key_.get(), EVP_sha256()))
            throw std::runtime_error("can't sign a certificate");
    }

    std::unique_ptr<EVP_PKEY, openssl_free> key_;
    std::unique_ptr<X509, openssl_free> x509_{X509_new()};
};

}  // namespace cpg::test
