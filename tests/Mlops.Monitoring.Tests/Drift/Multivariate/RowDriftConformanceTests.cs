using Mlops.Testing;

namespace Mlops.Monitoring.Tests;

public sealed class MaximumMeanDiscrepancyConformanceTests : RowDriftTestConformance
{
    protected override IRowDriftTest CreateTest() => new MaximumMeanDiscrepancy { Permutations = 199 };
}

public sealed class UnscaledMaximumMeanDiscrepancyConformanceTests : RowDriftTestConformance
{
    protected override IRowDriftTest CreateTest() => new MaximumMeanDiscrepancy { Permutations = 199, Scaling = RowScaling.None };
}

public sealed class LinearMaximumMeanDiscrepancyConformanceTests : RowDriftTestConformance
{
    protected override IRowDriftTest CreateTest() => new MaximumMeanDiscrepancy { Estimator = MmdEstimator.Linear };
}

public sealed class MultivariateEnergyDistanceConformanceTests : RowDriftTestConformance
{
    protected override IRowDriftTest CreateTest() => new MultivariateEnergyDistance { Permutations = 199 };
}

public sealed class LeastSquaresDensityDifferenceConformanceTests : RowDriftTestConformance
{
    protected override IRowDriftTest CreateTest() => new LeastSquaresDensityDifference { Permutations = 99, MaximumCentres = 50 };
}

public sealed class PcaReconstructionConformanceTests : RowDriftTestConformance
{
    protected override IRowDriftTest CreateTest() => new PcaReconstruction();

    // A shift of all columns alike lies along the first component, which explains it; columns that part from each other are what the test looks for.
    protected override void Change(Span<double> row) => (row[0], row[1]) = (row[0] + 2, row[1] - 2);
}

public sealed class DomainClassifierDriftConformanceTests : RowDriftTestConformance
{
    protected override IRowDriftTest CreateTest() => new DomainClassifierDrift();
}

public sealed class MeanShiftConformanceTests : RowDriftTestConformance
{
    protected override IRowDriftTest CreateTest() => new MeanShift { Permutations = 199 };
}

public sealed class CovarianceShiftConformanceTests : RowDriftTestConformance
{
    protected override IRowDriftTest CreateTest() => new CovarianceShift { Permutations = 199 };

    protected override void Change(Span<double> row)
    {
        foreach (ref var value in row) value *= 2;
    }
}

public sealed class EmbeddingDriftConformanceTests : RowDriftTestConformance
{
    protected override IRowDriftTest CreateTest() => new EmbeddingDrift { Permutations = 199 };
}
