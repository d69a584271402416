using Mlops.Testing;

namespace Mlops.Monitoring.Tests;

public sealed class TextLengthConformanceTests : TextDriftTestConformance
{
    protected override ITextDriftTest CreateTest() => new TextLength();
}

public sealed class OutOfVocabularyConformanceTests : TextDriftTestConformance
{
    protected override ITextDriftTest CreateTest() => new OutOfVocabulary { Permutations = 199 };
}

public sealed class HashedWordClassifierConformanceTests : TextDriftTestConformance
{
    protected override ITextDriftTest CreateTest() => new HashedWordClassifier();
}

public sealed class TextDriftConformanceTests : TextDriftTestConformance
{
    protected override ITextDriftTest CreateTest() => new TextDrift();
}
