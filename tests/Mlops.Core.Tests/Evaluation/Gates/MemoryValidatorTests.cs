using Mlops.Evaluation;
using Mlops.Validation;

namespace Mlops.Core.Tests.Evaluation;

public sealed class MemoryValidatorTests : IDisposable
{
    private const int MiB = 1 << 20;
    private readonly PackageData _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task ValidateAsync_SmallModel_Passes()
    {
        await _data.SaveAsync(new FactorModel(2));
        var check = await GateData.AskAsync(new MemoryValidator(), await _data.ContextAsync(new FactorModel(2)));
        Assert.Equal(ValidationVerdict.Pass, check.Verdict);
        Assert.Equal(Directory.EnumerateFiles(_data.Path).Sum(file => new FileInfo(file).Length), check.Figures[0].Value);
        Assert.All(check.Figures, figure => Assert.Equal("By", figure.Unit));
    }

    [Fact]
    public async Task ValidateAsync_LargeOnDisk_Fails()
    {
        await _data.SaveAsync(new FactorModel(2));
        var check = await GateData.AskAsync(new MemoryValidator { MaximumPackageBytes = 100 }, await _data.ContextAsync(new FactorModel(2)));
        Assert.Equal([ValidationVerdict.Fail, ValidationVerdict.Pass, ValidationVerdict.Pass], check.Figures.Select(figure => figure.Verdict));
        Assert.Contains("package_size may be at most 100 B", check.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ValidateAsync_LargeInTheHeap_Fails()
    {
        await _data.SaveAsync(new FactorModel(2));
        var context = await _data.ContextAsync(new FactorModel(2)) with { Package = new CandidatePackage(_data.Path, [new FactorFlavor { Ballast = 400 * MiB }]) };
        var check = await GateData.AskAsync(new MemoryValidator { MaximumManagedBytes = 100 * MiB }, context);
        Assert.Equal(ValidationVerdict.Fail, check.Figures[1].Verdict);
        Assert.True(check.Figures[1].Value >= 200 * MiB, check.Reason); // Other tests may free what they had meanwhile.
    }

    [Fact]
    public async Task ValidateAsync_NoPackage_FailsUnlessOptional()
    {
        var context = await _data.ContextAsync(new FactorModel(2)) with { Package = null };
        Assert.Contains("ModelValidationContext.Package", (await GateData.AskAsync(new MemoryValidator(), context)).Reason, StringComparison.Ordinal);
        Assert.Equal(ValidationVerdict.Fail, (await GateData.AskAsync(new MemoryValidator(), context)).Verdict);
        Assert.True((await GateData.AskAsync(new MemoryValidator { IsOptional = true }, context)).IsSkipped);
    }

    [Fact]
    public async Task ValidateAsync_BrokenPackage_Fails()
    {
        var check = await GateData.AskAsync(new MemoryValidator(), await _data.ContextAsync(new FactorModel(2)));
        Assert.Equal((ValidationVerdict.Fail, "Mlops.ModelLoadException"), (check.Verdict, check.ErrorType));
    }
}
