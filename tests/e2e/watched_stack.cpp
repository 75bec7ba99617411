#include "watched_stack.hpp"

#include "support/await.hpp"
#include "support/reader_role.hpp"

#include <pqxx/pqxx>

#include <array>
#include <sstream>
#include <stdexcept>

namespace events::test {
namespace {

const std::string kKey = "dashboards-key-0123456789";
const std::string kToken = "dashboards-token-0123456789";
constexpr std::array kDaemons{"publisher", "gateway", "fb-collector", "ttk-collector", "reporter"};

void expect(unsigned status, unsigned expected, const char* what) {
    if (status == expected) return;
    throw std::runtime_error{std::string{what} + " was answered " + std::to_string(status)};
}

}  // namespace

WatchedStack::WatchedStack() {
    stack_.start("gateway", {{"API_KEYS", kKey}});
    stack_.start("fb-collector");
    stack_.start("ttk-collector");
    start_reporter();
    stack_.start("publisher", {{"MIN_EVENTS", "100"},
                               {"MAX_EVENTS", "200"},
                               {"INTERVAL_MS", "200"},
                               {"INVALID_RATIO", "1"},
                               {"EVENT_API_KEY", kKey}});
    std::map<std::string, std::vector<std::uint16_t>> ports;
    for (const auto* daemon : kDaemons) ports[daemon] = {stack_.port(daemon)};
    prometheus_.emplace(ports);
    make_reader(stack_.database());
    fail_a_report();
}

void WatchedStack::start_reporter() {
    stack_.start("reporter", {{"REPORT_TOKENS", kToken}, {"REPORT_TIMEOUT_MS", "3000"}});
}

void WatchedStack::fail_a_report() {
    pqxx::connection connection{stack_.database()};
    pqxx::work transaction{connection};
    transaction.exec("LOCK TABLE events.segments IN ACCESS EXCLUSIVE MODE");
    expect(ask("/reports/events", kToken), 503, "a report that waits");
}

unsigned WatchedStack::post(const std::string& body) {
    return stack_.post(body, {{"Authorization", "Bearer " + kKey}}).status;
}

unsigned WatchedStack::ask(const std::string& report, const std::string& token) {
    auto client = stack_.new_client("reporter");
    const auto response = client.send(
        {.target = report, .headers = {{"Authorization", "Bearer " + token}}}, kPatience);
    if (!response) throw std::runtime_error{response.error().message};
    return response->status;
}

void WatchedStack::be_used() {
    for (const auto* category : {"events", "revenue", "demographics"}) {
        // On a busy machine one may run out of its time, which is short for fail_a_report().
        unsigned status = 0;
        (void)await([&] {
            status = ask(std::string{"/reports/"} + category, kToken);
            return status != 503;
        });
        expect(status, 200, category);
    }
    expect(ask("/reports/events?unknown=1", kToken), 400, "a mistake");
    expect(ask("/reports/events", "nobody"), 401, "a stranger's report");
    expect(stack_.post("[]").status, 401, "a stranger's event");
    expect(post(R"([{"eventId":"bad"}])"), 201, "an invalid event");
}

double WatchedStack::figure(const std::string& expression) {
    const auto answer = prometheus_->query(expression);
    return answer.samples.size() == 1 ? answer.samples.front().value : -1;
}

std::set<std::string> WatchedStack::exported() {
    std::set<std::string> names;
    for (const auto* daemon : kDaemons) {
        std::istringstream text{stack_.get(daemon, "/metrics").body};
        for (std::string line; std::getline(text, line);) {
            if (!line.starts_with("# TYPE ")) continue;
            names.insert(line.substr(7, line.find(' ', 7) - 7));
        }
    }
    return names;
}

}  // namespace events::test
