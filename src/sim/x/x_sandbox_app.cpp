// The sandbox's app-only token: client credentials with the consumer key and secret, in the words of X's
// older API. The app has one token without an end, however often it asks.
#include "base/text.h"
#include "sim/x/form.h"
#include "sim/x/x_sandbox_state.h"

namespace pigeon::sim {
namespace {

void answer_v1_error(httplib::Response& response, int status, int code, std::string_view message,
                     std::string_view label) {
  const nlohmann::json error = {{"code", code}, {"message", message}, {"label", label}};
  answer_json(response, status, {{"errors", nlohmann::json::array({error})}});
}

}  // namespace

void issue_app_token(SandboxState& state, const httplib::Request& request, httplib::Response& response) {
  response.set_header("Cache-Control", "no-store");
  const std::string pair =
      percent_encode(state.options.consumer_key) + ":" + percent_encode(state.options.consumer_secret);
  const std::string wanted =
      "Basic " + base64({reinterpret_cast<const std::uint8_t*>(pair.data()), pair.size()});
  if (!constant_time_equals(request.get_header_value("Authorization"), wanted)) {
    return answer_v1_error(response, 403, 99, "Unable to verify your credentials",
                           "authenticity_token_error");
  }
  const std::optional<Form> form = parse_form(request.body);
  const std::string type = request.get_header_value("Content-Type");
  const bool is_form = form && type.starts_with("application/x-www-form-urlencoded");
  if (!is_form || value_of(*form, "grant_type") != "client_credentials") {
    return answer_v1_error(response, 403, 170, "Missing required parameter: grant_type",
                           "forbidden_missing_parameter");
  }
  if (state.app_token.empty()) state.app_token = random_text(32);
  answer_json(response, 200, {{"token_type", "bearer"}, {"access_token", state.app_token}});
}

}  // namespace pigeon::sim
