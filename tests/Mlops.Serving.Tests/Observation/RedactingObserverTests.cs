using System.Security.Cryptography;
using System.Text;
using Mlops.Data;
using Mlops.Models;
using Mlops.Profiles;
using Mlops.Tracking;

namespace Mlops.Serving.Tests.Observation;

public sealed class RedactingObserverTests
{
    private static readonly byte[] s_key = Encoding.UTF8.GetBytes("0123456789abcdef");
    private static readonly ModelSignature s_signature = new(
        [TensorSpec.Of<float>("features", 3, "age", "income", "rooms"), TensorSpec.Of<string>("email"), TensorSpec.Of<long>("n")], [TensorSpec.Of<float>("y")]);

    private readonly RecordedCalls _seen = new();

    [Fact]
    public void OnPredicted_NothingSensitive_PassesTheBatchesThemselves()
    {
        Observe(new RedactionOptions());
        Observe(new RedactionOptions { Columns = { ["unknown"] = SensitiveColumnPolicy.Omit } });
        Assert.All(_seen.Calls, call => Assert.Equal(
            "features: Float32[?, 3](age,income,rooms) 31 1000 NaN 32 2000 4; email: String[?, 1]() 'ann@example.org' ''; n: Int64[?, 1]() 7 8 → y: Float32[?, 1]() 0.5 0.5", call));
        Assert.Equal(2, _seen.Calls.Count);
    }

    [Fact]
    public void OnPredicted_Omitted_LeavesColumnsAndWholeTensorsOut()
    {
        Observe(new RedactionOptions { Columns = { ["income"] = SensitiveColumnPolicy.Omit, ["email"] = SensitiveColumnPolicy.Omit, ["y"] = SensitiveColumnPolicy.Omit } });
        Assert.Equal("features: Float32[?, 2](age,rooms) 31 NaN 32 4; n: Int64[?, 1]() 7 8 → ", Assert.Single(_seen.Calls));
    }

    [Fact]
    public void OnPredicted_NamedInAnotherCase_IsLeftOutAllTheSame()
    {
        Observe(new RedactionOptions { Columns = { ["Income"] = SensitiveColumnPolicy.Omit, ["EMAIL"] = SensitiveColumnPolicy.Omit, ["Y"] = SensitiveColumnPolicy.Omit } });
        Assert.Equal("features: Float32[?, 2](age,rooms) 31 NaN 32 4; n: Int64[?, 1]() 7 8 → ", Assert.Single(_seen.Calls));
    }

    [Fact]
    public void OnPredicted_WholeTensorNamed_LeavesAllItsColumnsOut()
    {
        Observe(new RedactionOptions { Columns = { ["features"] = SensitiveColumnPolicy.Omit } });
        Assert.StartsWith("email: ", Assert.Single(_seen.Calls), StringComparison.Ordinal);
    }

    [Fact]
    public void OnPredicted_Masked_BecomesATextAndMissingStaysMissing()
    {
        Observe(new RedactionOptions { Columns = { ["rooms"] = SensitiveColumnPolicy.Mask, ["email"] = SensitiveColumnPolicy.Mask } });
        Assert.Equal(
            "features: Float32[?, 2](age,income) 31 1000 32 2000; rooms: String[?, 1](rooms) '' '***'; email: String[?, 1]() '***' ''; n: Int64[?, 1]() 7 8 → y: Float32[?, 1]() 0.5 0.5",
            Assert.Single(_seen.Calls));
    }

    [Fact]
    public void OnPredicted_Hashed_IsTheStatedCodeUnderTheKey()
    {
        Observe(new RedactionOptions { HashKey = s_key, Columns = { ["age"] = SensitiveColumnPolicy.Hash, ["email"] = SensitiveColumnPolicy.Hash, ["n"] = SensitiveColumnPolicy.Hash } });
        Assert.Equal(
            $"features: Float32[?, 2](income,rooms) 1000 NaN 2000 4; age: String[?, 1](age) '{Code("31")}' '{Code("32")}'; email: String[?, 1]() '{Code("ann@example.org")}' ''; n: String[?, 1]() '{Code("7")}' '{Code("8")}' → y: Float32[?, 1]() 0.5 0.5",
            Assert.Single(_seen.Calls));

        static string Code(string value) => Convert.ToHexStringLower(HMACSHA256.HashData(s_key, Encoding.UTF8.GetBytes(value)))[..32];
    }

    [Fact]
    public void OnPredicted_EnableSensitiveData_ShowsAll()
    {
        Observe(new RedactionOptions { EnableSensitiveData = true, Columns = { ["features"] = SensitiveColumnPolicy.Omit, ["email"] = SensitiveColumnPolicy.Mask } });
        Assert.Contains("ann@example.org", Assert.Single(_seen.Calls), StringComparison.Ordinal);
    }

    /// <summary>Where nobody knows which elements a sensitive column feeds, nothing of the tensor is shown.</summary>
    [Fact]
    public void OnPredicted_ColumnsThatCannotBeToldApart_LeavesTheTensorOut()
    {
        var signature = new ModelSignature([TensorSpec.Of<float>("mixed", 5, "age", "vector"), new TensorSpec("open", ElementType.Float32, [-1, -1]) { Columns = ["a", "age"] }, TensorSpec.Of<int>("n")], []);
        using var inputs = signature.RentInputs(1);
        using var outputs = signature.RentOutputs(1);
        inputs.Get<float>(0).Span.Fill(1);
        inputs[1].Resize(1, 4);
        inputs.Get<float>(1).Span.Fill(2);
        inputs.Get<int>(2).Span[0] = 5;
        new RedactingObserver(_seen, new RedactionOptions { Columns = { ["age"] = SensitiveColumnPolicy.Mask } }).OnPredicted(inputs, outputs, new PredictionContext(), default);
        Assert.Equal("n: Int32[?, 1]() 5 → ", Assert.Single(_seen.Calls));
    }

    [Fact]
    public void OnPredicted_VectorsTextsAndParameters_AreRedactedAsAWhole()
    {
        var signature = new ModelSignature([TensorSpec.Of<double>("face", 2), TensorSpec.Of<string>("names", 2, "first", "last"), new TensorSpec("secret", ElementType.Int32, [])], []);
        using var inputs = signature.RentInputs(2);
        using var outputs = signature.RentOutputs(2);
        new[] { 1, 2.5, double.NaN, double.NaN }.CopyTo(inputs.Get<double>(0).Span);
        new[] { "Ann", "Lee", "Bob", "Ray" }.CopyTo(inputs.Get<string>(1).Span);
        inputs.Get<int>(2).Span[0] = 99;
        var options = new RedactionOptions { HashKey = s_key, Columns = { ["face"] = SensitiveColumnPolicy.Hash, ["last"] = SensitiveColumnPolicy.Omit, ["secret"] = SensitiveColumnPolicy.Mask } };
        new RedactingObserver(_seen, options).OnPredicted(inputs, outputs, new PredictionContext(), default);
        var code = Convert.ToHexStringLower(HMACSHA256.HashData(s_key, "1,2.5"u8))[..32];
        Assert.Equal($"face: String[?, 1]() '{code}' ''; names: String[?, 1](first) 'Ann' 'Bob' → ", Assert.Single(_seen.Calls));
    }

    [Fact]
    public void OnLoaded_ProfileWithSensitiveColumns_HidesThemFromTheFirstPredictionOn()
    {
        var observer = new RedactingObserver(_seen, new RedactionOptions());
        Load(observer, "m", "age");
        Observe(observer);
        Assert.Equal(["m"], _seen.Loaded);
        Assert.StartsWith("features: Float32[?, 2](income,rooms) 1000 NaN", Assert.Single(_seen.Calls), StringComparison.Ordinal);
    }

    /// <summary>A column that is somebody's age in one model may be that of a machine in another.</summary>
    [Fact]
    public void OnPredicted_SeveralModels_EachHidesWhatItsOwnProfilesMark()
    {
        var observer = new RedactingObserver(_seen, new RedactionOptions { Columns = { ["email"] = SensitiveColumnPolicy.Omit } });
        Load(observer, "people", "age");
        Load(observer, "machines");
        Load(observer, "people", "income");
        Load(observer, "people");
        foreach (var model in new[] { "people", "machines", "unknown", null }) Observe(observer, model);
        Assert.Equal(["features: Float32[?, 1](rooms) NaN 4", "features: Float32[?, 3](age,income,rooms) 31 1000 NaN 32 2000 4", "features: Float32[?, 1](rooms) NaN 4", "features: Float32[?, 1](rooms) NaN 4"],
            _seen.Calls.Select(call => call.Split(';')[0]));
        Assert.All(_seen.Calls, call => Assert.DoesNotContain("email", call, StringComparison.Ordinal));
    }

    /// <summary>It may be made of the one that has a profile, and no version of it tells.</summary>
    [Fact]
    public void OnPredicted_ModelWithoutProfile_HidesWhatAnyModelMarks()
    {
        var observer = new RedactingObserver(_seen, new RedactionOptions());
        Load(observer, "ensemble", null);
        Load(observer, "people", "age");
        Observe(observer, "ensemble");
        Load(observer, "ensemble", []);
        Observe(observer, "ensemble");
        Assert.All(_seen.Calls, call => Assert.StartsWith("features: Float32[?, 2](income,rooms) 1000 NaN", call, StringComparison.Ordinal));
        Assert.Equal(2, _seen.Calls.Count);
    }

    [Fact]
    public async Task OnPredicted_ManyCallersOfManySignatures_EachSeesItsOwn()
    {
        var observer = new RedactingObserver(_seen, new RedactionOptions { Columns = { ["b"] = SensitiveColumnPolicy.Omit } });
        await Task.WhenAll(Enumerable.Range(0, 8).Select(caller => Task.Run(() =>
        {
            for (var call = 0; call < 300; call++)
            {
                var signature = new ModelSignature([TensorSpec.Of<float>($"x{caller}", 2, "a", "b")], []);
                using var inputs = signature.RentInputs(1);
                using var outputs = signature.RentOutputs(1);
                inputs.Get<float>(0).Span.Fill(caller);
                observer.OnPredicted(inputs, outputs, new PredictionContext(), default);
            }
        }, TestContext.Current.CancellationToken)));
        Assert.Equal(2400, _seen.Calls.Count);
        Assert.All(_seen.Calls, call => Assert.Equal($"x{call[1]}: Float32[?, 1](a) {call[1]} → ", call));
    }

    [Fact]
    public void OnFailed_AnyError_IsPassedOn()
    {
        new RedactingObserver(_seen, new RedactionOptions()).OnFailed(new PredictionContext(), new TimeoutException(), default);
        Assert.Equal(["TimeoutException"], _seen.Calls);
    }

    private void Observe(RedactionOptions options) => Observe(new RedactingObserver(_seen, options));

    /// <summary>Tells of a version of a model; sensitive are the columns of its profile that are named. Null: it has none.</summary>
    private static void Load(RedactingObserver observer, string model, params string[]? sensitive)
    {
        var columns = new[] { "age", "income" }.Select(name => new ColumnSchema(name, ElementType.Float32, sensitive?.Contains(name) == true ? ColumnRole.Sensitive : ColumnRole.Feature));
        var profile = sensitive is null ? null : new DatasetProfile(new DataSchema([.. columns]));
        observer.OnLoaded(new HostedModel(model, new ModelVersion(model, 1, "s", new string('0', 64), default), s_signature, default) { Profile = profile });
    }

    private static void Observe(RedactingObserver observer, string? model = null)
    {
        using var inputs = s_signature.RentInputs(2);
        using var outputs = s_signature.RentOutputs(2);
        new[] { 31f, 1000, float.NaN, 32, 2000, 4 }.CopyTo(inputs.Get<float>(0).Span);
        (inputs.Get<string>(1).Span[0], inputs.Get<string>(1).Span[1]) = ("ann@example.org", "");
        (inputs.Get<long>(2).Span[0], inputs.Get<long>(2).Span[1]) = (7, 8);
        outputs.Get<float>(0).Span.Fill(0.5f);
        observer.OnPredicted(inputs, outputs, new PredictionContext { ModelName = model }, TimeSpan.Zero);
    }
}
