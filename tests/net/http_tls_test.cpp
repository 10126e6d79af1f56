// HttpClient's TLS: a certificate that nobody vouches for, or that is somebody else's, ends the matter before
// a single octet of the request.
#include <doctest/doctest.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <signal.h>

#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "net/http_client.h"
#include "tests/net/raw_server.h"
#include "tests/temp_folder.h"

using namespace pigeon;
using namespace pigeon::net;
using testing::RawConnection;
using testing::RawServer;

namespace {

template <auto Free>
struct Deleter {
  template <typename T>
  void operator()(T* handle) const {
    Free(handle);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Deleter<X509_free>>;
using Context = std::unique_ptr<SSL_CTX, Deleter<SSL_CTX_free>>;
using Session = std::unique_ptr<SSL, Deleter<SSL_free>>;

// Valid for an hour, for `whom` ("IP:127.0.0.1", "DNS:x.example"), signed by itself.
Context self_signed(const char* whom = "IP:127.0.0.1") {
  Key key(EVP_EC_gen("P-256"));
  Certificate certificate(X509_new());
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME* const name = X509_get_subject_name(certificate.get());
  const unsigned char common_name[] = "a test";
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common_name, -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  X509_EXTENSION* const names = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, whom);
  X509_add_ext(certificate.get(), names, -1);
  X509_EXTENSION_free(names);
  Context context(SSL_CTX_new(TLS_server_method()));
  if (X509_sign(certificate.get(), key.get(), EVP_sha256()) == 0 ||
      SSL_CTX_use_certificate(context.get(), certificate.get()) != 1 ||
      SSL_CTX_use_PrivateKey(context.get(), key.get()) != 1) {
    throw std::runtime_error("OpenSSL makes no certificate");
  }
  return context;
}

std::string https(const RawServer& server) {
  return "https" + server.url("/secret").substr(4);
}

// The context's own certificate as a file, for a client that is to trust it.
std::string trusted_file(const test::TempFolder& folder, const Context& context) {
  std::string path = folder.file("ca.pem");
  const std::unique_ptr<BIO, Deleter<BIO_free>> out(BIO_new_file(path.c_str(), "w"));
  if (!out || PEM_write_bio_X509(out.get(), SSL_CTX_get0_certificate(context.get())) != 1) {
    throw std::runtime_error("OpenSSL writes no certificate");
  }
  return path;
}

// A server behind `context` that answers 204 and counts what it gets to read.
class TlsServer {
 public:
  explicit TlsServer(const Context& context)
      : server([this, &context](RawConnection& connection) {
          const Session session(SSL_new(context.get()));
          SSL_set_fd(session.get(), connection.fd());
          ++handshakes;
          if (SSL_accept(session.get()) != 1) return;
          char buffer[1024];
          const int got = SSL_read(session.get(), buffer, sizeof buffer);
          if (got <= 0) return;
          octets += got;
          const std::string_view answer = "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
          SSL_write(session.get(), answer.data(), static_cast<int>(answer.size()));
        }) {
    ::signal(SIGPIPE, SIG_IGN);  // as in pigeond: neither side's close_notify may end the program
  }

  std::atomic<int> handshakes = 0;
  std::atomic<int> octets = 0;
  RawServer server;
};

HttpRequest post_to(const TlsServer& server) {
  HttpRequest request;
  request.method = "POST";
  request.url = https(server.server);
  request.body = "hello";
  return request;
}

}  // namespace

TEST_CASE("http: an untrusted certificate ends it before anything is sent") {
  const Context context = self_signed();
  TlsServer tls(context);
  HttpClient http;
  const auto response = http.send(post_to(tls));
  REQUIRE_FALSE(response);
  CHECK(response.error().code == Errc::disconnected);
  CHECK(response.error().message.find("certificate") != std::string::npos);
  tls.server.wait_until_closed(1);
  CHECK(tls.handshakes == 1);
  CHECK(tls.octets == 0);
}

TEST_CASE("http: a trusted certificate for this host serves") {
  const Context context = self_signed();
  const test::TempFolder folder;
  TlsServer tls(context);
  HttpClient http(trusted_file(folder, context));
  const auto response = http.send(post_to(tls));
  REQUIRE_MESSAGE(response, response.error().message);
  CHECK(response->status == 204);
  CHECK(tls.octets > 0);
}

TEST_CASE("http: a trusted certificate for another host ends it before anything is sent") {
  for (const char* whom : {"DNS:api.x.example", "IP:127.0.0.2", "DNS:127.0.0.1.example"}) {
    CAPTURE(whom);
    const Context context = self_signed(whom);
    const test::TempFolder folder;
    TlsServer tls(context);
    HttpClient http(trusted_file(folder, context));
    const auto response = http.send(post_to(tls));
    REQUIRE_FALSE(response);
    CHECK(response.error().code == Errc::disconnected);
    tls.server.wait_until_closed(1);
    CHECK(tls.handshakes == 1);
    CHECK(tls.octets == 0);
  }
}

TEST_CASE("http: a server without TLS behind an https URL gets nothing of the request") {
  std::string seen;
  RawServer server([&seen](RawConnection& connection) {
    seen = connection.read_some();
    connection.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  });
  HttpClient http;
  HttpRequest request;
  request.method = "POST";
  request.url = https(server);
  request.body = "hello";
  const auto response = http.send(request);
  REQUIRE_FALSE(response);
  CHECK(response.error().code == Errc::disconnected);
  server.wait_until_closed(1);
  CHECK(seen.find("secret") == std::string::npos);
}
