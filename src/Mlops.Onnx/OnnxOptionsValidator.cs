using System.Globalization;
using Microsoft.Extensions.Options;

namespace Mlops.Onnx;

/// <summary>Finds values that make no sense.</summary>
internal sealed class OnnxOptionsValidator : IValidateOptions<OnnxOptions>
{
    public ValidateOptionsResult Validate(string? name, OnnxOptions options)
        => FindMistake(options) is { } mistake ? ValidateOptionsResult.Fail(mistake) : ValidateOptionsResult.Success;

    public static string? FindMistake(OnnxOptions options)
    {
        if (options.IntraOpThreads < 0) return string.Create(CultureInfo.InvariantCulture, $"OnnxOptions.IntraOpThreads is {options.IntraOpThreads}; it must be 0 or more.");
        if (options.InterOpThreads < 0) return string.Create(CultureInfo.InvariantCulture, $"OnnxOptions.InterOpThreads is {options.InterOpThreads}; it must be 0 or more.");
        if (!Enum.IsDefined(options.Evaluator)) return string.Create(CultureInfo.InvariantCulture, $"OnnxOptions.Evaluator is {(int)options.Evaluator}, which is none of its values.");
        if (!Enum.IsDefined(options.GraphOptimizationLevel)) return string.Create(CultureInfo.InvariantCulture, $"OnnxOptions.GraphOptimizationLevel is {(int)options.GraphOptimizationLevel}, which is none of its values.");
        if (!Enum.IsDefined(options.ExecutionMode)) return string.Create(CultureInfo.InvariantCulture, $"OnnxOptions.ExecutionMode is {(int)options.ExecutionMode}, which is none of its values.");
        return options.ExecutionProviders.Any(provider => string.IsNullOrEmpty(provider.Name)) ? "An entry of OnnxOptions.ExecutionProviders has no name." : null;
    }
}
