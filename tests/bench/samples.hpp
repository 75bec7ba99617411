#pragma once

#include <cstddef>
#include <vector>

namespace events::bench {

/// Times or rates of repeated runs.
class Samples {
  public:
    void add(double value) { values_.push_back(value); }
    void add(const Samples& other);
    [[nodiscard]] std::size_t size() const noexcept { return values_.size(); }

    /// The value that this share of the values does not exceed, e.g. 0.99; 0 without values.
    [[nodiscard]] double quantile(double share) const;
    [[nodiscard]] double median() const { return quantile(0.5); }
    [[nodiscard]] double least() const { return quantile(0); }
    [[nodiscard]] double greatest() const { return quantile(1); }

    /// The values between two shares of the run, e.g. {0, 1.0 / 3}: the first third.
    [[nodiscard]] Samples part(double from, double to) const;

  private:
    std::vector<double> values_;
};

}  // namespace events::bench
