// A scan every Monday as an Azure Container Apps Job. The image is what samples/recipes/Dockerfile builds.
//
//   az acr build --registry contoso --image acr-scan:0.1.0 --file samples/recipes/Dockerfile .
//   az deployment group create --resource-group rg-audit --template-file container-apps-job.bicep \
//     --parameters registryName=contoso subscriptions='["<subscription id>"]'
//
// The identity may read the subscriptions and pull from one registry; no key and no secret is made or kept.
// The table is in Log Analytics (ContainerAppConsoleLogs); an execution that failed has findings (exit code 1) or
// could not see all (3), so nothing is tried again.

@description('The subscriptions to scan, by id.')
@minLength(1)
param subscriptions string[] = [subscription().subscriptionId]

@description('The registry that holds the image, in this resource group.')
param registryName string

@description('Repository and tag of the image.')
param image string = 'acr-scan:0.1.0'

@description('When to scan (cron, UTC).')
param schedule string = '23 4 * * 1'

@description('The least severity that fails an execution.')
@allowed(['info', 'low', 'medium', 'high', 'critical', 'never'])
param failOn string = 'high'

@description('Also ask for webhooks\' addresses. Reader cannot: a custom role with this one action is made and given.')
param webhookEndpoints bool = false

param location string = resourceGroup().location

var acrPull = '7f951dda-4ed3-4680-a7ca-43fe172d538d'
var repositoryReader = 'b93aa761-3e63-49ed-ac28-beffa264f7ac' // where the registry judges by ABAC, AcrPull gives nothing
var inScope = flatten(map(subscriptions, id => ['--subscription', id]))
var asked = webhookEndpoints ? ['--webhook-endpoints'] : []

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'acr-scan'
  location: location
}

module rights 'container-apps-job.rights.bicep' = [
  for id in subscriptions: {
    name: 'acr-scan-rights-${id}'
    scope: subscription(id)
    params: {
      principalId: identity.properties.principalId
      webhookEndpoints: webhookEndpoints
    }
  }
]

resource registry 'Microsoft.ContainerRegistry/registries@2025-11-01' existing = {
  name: registryName
}

resource pull 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(registry.id, identity.id, acrPull)
  scope: registry
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      registry.properties.roleAssignmentMode == 'AbacRepositoryPermissions' ? repositoryReader : acrPull
    )
  }
}

resource logs 'Microsoft.OperationalInsights/workspaces@2023-09-01' = {
  name: 'acr-scan'
  location: location
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: 90
  }
}

resource host 'Microsoft.App/managedEnvironments@2025-01-01' = {
  name: 'acr-scan'
  location: location
  properties: {
    appLogsConfiguration: { destination: 'azure-monitor' } // by the setting below, so the workspace's key is not needed
    workloadProfiles: [
      {
        name: 'Consumption'
        workloadProfileType: 'Consumption'
      }
    ]
  }
}

resource toLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'acr-scan'
  scope: host
  properties: {
    workspaceId: logs.id
    logs: [
      {
        categoryGroup: 'allLogs'
        enabled: true
      }
    ]
  }
}

resource job 'Microsoft.App/jobs@2025-01-01' = {
  name: 'acr-scan'
  location: location
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identity.id}': {} }
  }
  properties: {
    environmentId: host.id
    workloadProfileName: 'Consumption'
    configuration: {
      triggerType: 'Schedule'
      scheduleTriggerConfig: {
        cronExpression: schedule
        parallelism: 1
        replicaCompletionCount: 1
      }
      replicaTimeout: 3600
      replicaRetryLimit: 0
      registries: [
        {
          server: registry.properties.loginServer
          identity: identity.id
        }
      ]
    }
    template: {
      containers: [
        {
          name: 'acr-scan'
          image: '${registry.properties.loginServer}/${image}'
          args: concat(['--fail-on', failOn, '--no-color'], inScope, asked)
          env: [
            {
              name: 'AZURE_CLIENT_ID' // which identity: a job may have several
              value: identity.properties.clientId
            }
          ]
          resources: {
            cpu: json('0.5')
            memory: '1Gi'
          }
        }
      ]
    }
  }
  dependsOn: [pull, rights]
}

output principalId string = identity.properties.principalId
