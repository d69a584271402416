using Mlops.Models;

namespace Mlops.Serving;

/// <summary>A model that the application hosts, and what its typed callers demand of it.</summary>
internal sealed record ModelRegistration(string Name, ModelSource Source, ModelSignature? Contract, HostedModelOptions Options);
