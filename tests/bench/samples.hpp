#pragma once

#include <vector>

namespace events::bench {

/// Times or rates of repeated runs.
class Samples {
  public:
    void add(double value) { values_.push_back(value); }
    void add(const Samples& other);

    /// The value that this share of the values does not exceed, e.g. 0.99; 0 without values.
    [[nodiscard]] double quantile(double share) const;
    [[nodiscard]] double median() const { return quantile(0.5); }

  private:
    std::vector<double> values_;
};

}  // namespace events::bench
