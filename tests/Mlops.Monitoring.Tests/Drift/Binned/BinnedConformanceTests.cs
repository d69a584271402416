using Mlops.Testing;

namespace Mlops.Monitoring.Tests;

public sealed class PopulationStabilityIndexConformanceTests : DriftTestConformance
{
    protected override IDriftTest CreateTest() => new PopulationStabilityIndex();
}

public sealed class EqualWidthPopulationStabilityIndexConformanceTests : DriftTestConformance
{
    protected override IDriftTest CreateTest() => new PopulationStabilityIndex(Binning.EqualWidth(10));
}

public sealed class CategoryPopulationStabilityIndexConformanceTests : CategoryTestConformance
{
    protected override IDriftTest CreateTest() => new PopulationStabilityIndex();
}

public sealed class KullbackLeiblerConformanceTests : DriftTestConformance
{
    protected override IDriftTest CreateTest() => new KullbackLeibler();
}

public sealed class KullbackLeiblerReversedConformanceTests : DriftTestConformance
{
    protected override IDriftTest CreateTest() => new KullbackLeibler(Binning.Doane, null, KullbackLeiblerDirection.ReferenceByCurrent);
}

public sealed class CategoryKullbackLeiblerConformanceTests : CategoryTestConformance
{
    protected override IDriftTest CreateTest() => new KullbackLeibler();
}

public sealed class JensenShannonConformanceTests : DriftTestConformance
{
    protected override IDriftTest CreateTest() => new JensenShannon();
}

public sealed class JensenShannonDivergenceConformanceTests : DriftTestConformance
{
    protected override IDriftTest CreateTest() => new JensenShannon(Binning.Sturges, JensenShannonForm.Divergence, LogarithmBase.E);
}

public sealed class CategoryJensenShannonConformanceTests : CategoryTestConformance
{
    protected override IDriftTest CreateTest() => new JensenShannon();
}

public sealed class HellingerConformanceTests : DriftTestConformance
{
    protected override IDriftTest CreateTest() => new Hellinger();
}

public sealed class CategoryHellingerConformanceTests : CategoryTestConformance
{
    protected override IDriftTest CreateTest() => new Hellinger();
}
