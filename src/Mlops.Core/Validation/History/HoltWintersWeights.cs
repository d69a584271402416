namespace Mlops.Validation;

/// <summary>How fast Holt–Winters smoothing forgets: α, β and γ, each 0..1.</summary>
internal readonly record struct HoltWintersWeights(double Level, double Trend, double Seasonal);
